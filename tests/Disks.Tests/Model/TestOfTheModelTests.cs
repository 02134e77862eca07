using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that the model test notices faults, and shrinks what shows them to a few steps.</summary>
public sealed class TestOfTheModelTests
{
    private const int MaxSeeds = 200;

    [Fact]
    public async Task A_disk_that_drops_trims_is_noticed()
    {
        var failure = await FindAsync(disk => new FaultyDisk(disk) { DropsTrims = true });

        failure.Should().Contain("Seed ").And.Contain(" Trim: ").And.MatchRegex("Shrunk to [1-6] steps");
    }

    [Fact]
    public async Task A_disk_that_lies_about_forced_unit_access_is_noticed()
    {
        var failure = await FindAsync(disk => new FaultyDisk(disk) { ForgetsDurability = true });

        failure.Should().Contain(" fua").And.Contain(" Crash: ").And.Contain("after the crash block");
    }

    [Fact]
    public async Task A_disk_that_writes_a_byte_too_few_is_noticed()
    {
        var failure = await FindAsync(disk => new FaultyDisk(disk) { LosesLastByte = true });

        failure.Should().Contain(" Write: ").And.MatchRegex("Shrunk to [1-6] steps");
    }

    private static async Task<string?> FindAsync(Func<VirtualDisk, VirtualDisk> wrap)
    {
        await using var silo = await DiskSilo.StartAsync();
        var images = await ModelImages.ImportAsync(silo);
        var shrinker = new SequenceShrinker(silo, images) { Wrap = wrap };
        for (var seed = 1; seed <= MaxSeeds; seed++)
        {
            if (await shrinker.FindAsync(seed) is { } failure)
            {
                return failure;
            }
        }

        return null;
    }
}
