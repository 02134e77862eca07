using Microsoft.Extensions.Logging.Abstractions;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Recovery;

/// <summary>Shows that what an end of the process interrupted is taken up, at once or later.</summary>
public sealed class DiskRecoveryTests
{
    [Fact]
    public async Task A_disk_that_cannot_be_taken_up_at_once_is_tried_again_until_it_can()
    {
        // Twice in vain, then it works, and is left alone. The disk takes minutes to hydrate.
        await using var silo = await TestSilo.StartAsync();
        await silo.ImportAsync("img@1", TestImage.Random(16 * TestImage.Segment));
        await silo.Api.SetHydrationLimitAsync(64 << 10, CancellationToken.None);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "vm", HydrationMode.Background);
        await silo.Api.ControlHydrationAsync("vm", HydrationCommand.Start, CancellationToken.None);
        var (grains, road) = RefusingGrains.Over(silo.Process.Find("silo-0")!.Grains, refusals: 2);
        var time = new FakeTime();

        await using var recovery = new DiskRecovery(
            grains, ["silo-0"], isAlone: true, time, NullLogger<DiskRecovery>.Instance);
        await Eventually.IsTrueAsync(
            () =>
            {
                Pass(time);
                return Task.FromResult(road.Asked == 3);
            },
            "it is taken up");
        for (var look = 0; look < 100; look++)
        {
            await Task.Delay(5);
            Pass(time);
        }

        road.Asked.Should().Be(3);
    }

    /// <summary>Lets time pass, but hardly any for a call that is under way, or waits to be repeated.</summary>
    private static void Pass(FakeTime time)
    {
        const int Tick = 1;
        time.Advance(time.Timers <= Tick ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(10));
    }
}
