using SnapshotGrains.Nbd;
using SnapshotGrains.Testing;
using Xunit.Abstractions;

namespace SnapshotGrains.Silo.Tests.Crash;

/// <summary>Shows that kill -9 of the silo costs no write that it had promised to keep, and tears no block.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Seed = 12;
    private const int Mebibyte = 1 << 20;

    /// <summary>So slow that no disk is done before the kill.</summary>
    private const long HydrationBytesPerSecond = 512 << 10;

    [Fact]
    public async Task No_promised_write_is_lost_and_no_block_is_torn()
    {
        var rounds = TestTier.Rounds("SNAPSHOTGRAINS_KILL_ROUNDS", quick: 5, full: 200);
        var random = new Random(Seed);
        var image = TestImage.Random(24 * Mebibyte, Seed);
        await using var silo = await SiloChild.StartNewAsync();
        await silo.ImportAsync("img@1", image);
        List<(string Name, BlockHistory History)> disks = [await CloneAsync(silo, "thin", image, HydrationMode.None)];

        for (var round = 0; round < rounds; round++)
        {
            // One disk begins to hydrate now, one was interrupted in it by the last kill.
            await silo.Api.SetHydrationLimitAsync(HydrationBytesPerSecond, CancellationToken.None);
            disks.Add(await CloneAsync(silo, $"hydrating-{round}", image, HydrationMode.Background));
            var writing = await Task.WhenAll(disks.Select(disk => StartAsync(silo, disk, (Seed * 1000) + round)));
            var life = TimeSpan.FromMilliseconds(random.Next(10, 500));
            await Task.Delay(life, TimeProvider.System, CancellationToken.None);
            await silo.KillAsync();
            await Task.WhenAll(writing.Select(writer => writer.Done));
            foreach (var (client, _) in writing)
            {
                await client.DisposeAsync();
            }

            await silo.StartAsync();
            foreach (var disk in disks)
            {
                await CheckAsync(silo, disk, round);
            }

            await ForgetOldestAsync(silo, disks);
        }

        var counts = disks[0].History.Counts;
        output.WriteLine($"{rounds} kills; on the disk that lived through all of them {counts}");
        counts.Durable.Should().BePositive();
        counts.Flushes.Should().BePositive();
    }

    private static async Task<(string Name, BlockHistory History)> CloneAsync(
        SiloChild silo, string disk, byte[] image, HydrationMode hydration)
    {
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), disk, hydration);
        return (disk, new BlockHistory(image));
    }

    private static async Task<(NbdClient Client, Task Done)> StartAsync(
        SiloChild silo, (string Name, BlockHistory History) disk, int seed)
    {
        var client = await silo.ConnectAsync(disk.Name);
        return (client, new BlockWriter(client, disk.History, seed).RunAsync());
    }

    private static async Task CheckAsync(SiloChild silo, (string Name, BlockHistory History) disk, int round)
    {
        await using var client = await silo.ConnectAsync(disk.Name);
        var bytes = new byte[Mebibyte];
        for (var first = 0; first < disk.History.BlockCount; first += Mebibyte / BlockHistory.BlockBytes)
        {
            await client.ReadAsync((long)first * BlockHistory.BlockBytes, bytes);
            for (var i = 0; i < Mebibyte / BlockHistory.BlockBytes; i++)
            {
                var block = bytes.AsSpan(i * BlockHistory.BlockBytes, BlockHistory.BlockBytes);
                var problem = disk.History.Check(first + i, block);
                if (problem is not null)
                {
                    Assert.Fail($"{disk.Name}, round {round}, seed {Seed}: {problem}. The silo said:\n{silo.Log}");
                }
            }
        }

        disk.History.ForgetUnflushed();
    }

    /// <summary>Deletes a disk of an earlier round, whose last connection may still be closing.</summary>
    private static async Task ForgetOldestAsync(
        SiloChild silo, List<(string Name, BlockHistory History)> disks)
    {
        if (disks.Count <= 3)
        {
            return;
        }

        var oldest = disks[1].Name;
        disks.RemoveAt(1);
        await Eventually.IsTrueAsync(
            async () =>
            {
                try
                {
                    await silo.Api.DeleteDiskAsync(oldest, CancellationToken.None);
                    return true;
                }
                catch (SnapshotGrainsException error) when (error.Code == ErrorCode.InUse)
                {
                    return false;
                }
            },
            $"{oldest} could be deleted");
    }
}
