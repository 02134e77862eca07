using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows what a round trip to a server is worth in bytes, in simulated time.</summary>
public sealed class AnswerPaceTests
{
    private const int Body = 1 << 20;

    private readonly FakeTime _time = new();

    [Fact]
    public void It_is_the_time_to_the_first_byte_times_the_speed_of_the_others()
    {
        var pace = new AnswerPace(_time);
        pace.RoundTripBytes.Should().Be(0, "nothing is known yet");
        Answer(pace, headMs: 5, bodyMs: 1);
        pace.RoundTripBytes.Should().Be(5 * Body);
        for (var i = 0; i < 50; i++)
        {
            Answer(pace, headMs: 5, bodyMs: 20);
        }

        pace.RoundTripBytes.Should().BeInRange(Body / 5, Body / 3, "the server has become slow");
    }

    /// <summary>Bodies that share the line are each slow, and together as fast as one alone.</summary>
    [Fact]
    public void Answers_at_the_same_time_count_together()
    {
        var pace = new AnswerPace(_time);
        var sentAt = pace.Sent();
        _time.Advance(TimeSpan.FromMilliseconds(5));
        var answers = Enumerable.Range(0, 4).Select(_ => pace.Begun(sentAt)).ToArray();
        _time.Advance(TimeSpan.FromMilliseconds(4));
        foreach (var answer in answers)
        {
            pace.Ended(answer, Body);
        }

        pace.RoundTripBytes.Should().BeInRange(Body, 5 * Body);
        foreach (var _ in Enumerable.Range(0, 50))
        {
            Answer(pace, headMs: 5, bodyMs: 1);
        }

        pace.RoundTripBytes.Should().BeCloseTo(5 * Body, Body / 8);
    }

    /// <summary>A body that came with its head says nothing of the speed.</summary>
    [Fact]
    public void Short_bodies_say_nothing()
    {
        var pace = new AnswerPace(_time);
        var begun = pace.Begun(pace.Sent());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        pace.Ended(begun, 1000);
        pace.RoundTripBytes.Should().Be(0);
    }

    private void Answer(AnswerPace pace, int headMs, int bodyMs)
    {
        var sentAt = pace.Sent();
        _time.Advance(TimeSpan.FromMilliseconds(headMs));
        var begun = pace.Begun(sentAt);
        _time.Advance(TimeSpan.FromMilliseconds(bodyMs));
        pace.Ended(begun, Body);
    }
}
