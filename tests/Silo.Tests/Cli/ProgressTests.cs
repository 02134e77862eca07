using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows how durations are read and written, and what a line of progress says.</summary>
public sealed class ProgressTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30", 30)]
    [InlineData("30s", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    public void Durations_are_read_with_their_unit(string text, double seconds)
    {
        DurationText.TryParse(text, out var duration).Should().BeTrue();
        duration.TotalSeconds.Should().BeApproximately(seconds, 1e-9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("0")]
    [InlineData("-5s")]
    [InlineData("25h")]
    [InlineData("5 parsecs")]
    public void What_is_no_duration_is_refused(string text) => DurationText.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [InlineData(0.000_05, "50 µs")]
    [InlineData(0.0123, "12.3 ms")]
    [InlineData(3.21, "3.2 s")]
    [InlineData(125, "2 m 05 s")]
    [InlineData(7500, "2 h 05 m")]
    [InlineData(200_000, "2 d 07 h")]
    public void Durations_are_written_with_the_unit_that_suits(double seconds, string text) =>
        DurationText.Format(TimeSpan.FromSeconds(seconds)).Should().Be(text);

    [Fact]
    public void A_line_says_how_far_how_fast_and_how_long_still() =>
        TransferProgress.Line(256L << 20, 1L << 30, TimeSpan.FromSeconds(2)).Should()
            .Be("256 MiB of 1 GiB, 25 %, 128 MiB/s, 6.0 s left");

    [Fact]
    public void Without_a_total_a_line_says_how_much_and_how_fast() =>
        TransferProgress.Line(256L << 20, null, TimeSpan.FromSeconds(2)).Should().Be("256 MiB, 128 MiB/s");
}
