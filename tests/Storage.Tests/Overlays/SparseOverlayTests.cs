using System.Diagnostics;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that what a disk's parent does not have costs its overlay next to nothing.</summary>
[Collection(nameof(AloneCollection))]
public sealed class SparseOverlayTests : IDisposable
{
    private const int Block = OverlayStore.BlockBytes;
    private readonly Guid _disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f005");
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A TiB of which the parent has nothing is hydrated at once, in a few bytes a MiB.</summary>
    [Fact]
    public async Task A_sparse_tebibyte_is_hydrated_at_once()
    {
        const long size = 1L << 40;
        await using var directory = new OverlayDirectory(_folder.Path);
        await using (var store = await directory.OpenAsync(_disk, size, 1))
        {
            var (before, watch) = (GC.GetTotalMemory(forceFullCollection: true), Stopwatch.StartNew());
            (await store.HydrateZeroesAsync(0, size)).Should().Be(size);
            watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "alone it takes one");
            (store.IsComplete, store.HasParentBlocks(0, size)).Should().Be((true, false));
            (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(32 << 20);
        }

        await using var again = await directory.OpenAsync(_disk, size, 1);
        again.Statistics.Progress.Should().Be(new OverlayProgress(0, 0, 0, 0, 0, size / Block));
    }
}
