using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests.Traces;

/// <summary>First touches are noted once each, in order, without a cost for the others.</summary>
public sealed class TouchRecorderTests
{
    private const int Segment = 64 << 10;
    private const int Segments = 1000;

    [Fact]
    public void The_first_touches_are_those_of_the_model()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var (recorder, model, followed) = (Recorder(), new List<long>(), new List<long>());
            for (var i = 0; i < 300; i++)
            {
                var offset = random.NextInt64((Segments * (long)Segment) - 1);
                var length = (int)Math.Min(random.Next(1, 3 * Segment), (Segments * (long)Segment) - offset);
                recorder.Touch(offset, length);
                for (var unit = offset / Segment; unit <= (offset + length - 1) / Segment; unit++)
                {
                    model.Add(unit);
                }

                if (i == 100)
                {
                    recorder.Follow(followed.Add);
                }
            }

            recorder.Stop().Select(touch => touch.Unit).Should().Equal(model.Distinct(), "seed {0}", seed);
            followed.Should().Equal(model.Distinct(), "seed {0}", seed);
        }
    }

    [Fact]
    public void A_recorder_that_has_stopped_and_a_place_that_is_not_there_are_harmless()
    {
        var recorder = Recorder();
        recorder.Touch((Segments + 200) * (long)Segment, Segment);
        recorder.Touch(5, 1);
        recorder.Stop().Should().ContainSingle();
        recorder.Touch(9 * Segment, 1);
        recorder.Stop().Should().ContainSingle();
        recorder.HasStopped.Should().BeTrue();
    }

    [Fact]
    public void A_touch_that_is_not_the_first_allocates_nothing()
    {
        var recorder = Recorder();
        recorder.Touch(3 * Segment, Segment);
        var allocated = Allocations.LeastOf(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                recorder.Touch((3 * Segment) + i, 512);
            }
        });

        allocated.Should().Be(0);
    }

    private static TouchRecorder Recorder() => new(
        new DiskInfo(
            "vm", SnapshotId.Parse("img@1"), Segments * (long)Segment, Segment, DiskState.LazyLoading,
            DateTimeOffset.UnixEpoch, Guid.NewGuid()),
        TimeProvider.System);
}
