using System.Collections.Concurrent;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Tests;

/// <summary>An image center whose reads are counted, and can be made to fail, wait or lie.</summary>
internal sealed class ProbedImageCenter(IImageCenter inner) : IImageCenter
{
    private readonly ConcurrentDictionary<(PackId Pack, long Offset), int> _reads = new();

    /// <summary>Runs before each read; throws or waits to disturb it.</summary>
    public Func<CancellationToken, ValueTask> BeforeRead { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Runs before each read of a manifest; throws or waits to disturb it.</summary>
    public Func<ValueTask> BeforeManifest { get; set; } = () => ValueTask.CompletedTask;

    /// <summary>Changes what a read returned.</summary>
    public Action<long, Memory<byte>> AfterRead { get; set; } = (_, _) => { };

    /// <summary>What it says that a round trip is worth.</summary>
    public long RoundTripBytes { get; set; }

    /// <summary>Reads so far.</summary>
    public int Reads => _reads.Values.Sum();

    /// <summary>The most reads that any one range has had.</summary>
    public int MostReadsOfOneRange => _reads.IsEmpty ? 0 : _reads.Values.Max();

    public void ForgetReads() => _reads.Clear();

    public async ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken ct)
    {
        await BeforeManifest();
        return await inner.GetManifestAsync(name, snap, ct);
    }

    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken ct) => inner.ListAsync(ct);

    /// <summary>Why the range that was read last is wanted; may rise meanwhile.</summary>
    public FetchUrgency LastUrgency { get; private set; } = FetchUrgency.Demand;

    public async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency, CancellationToken ct)
    {
        LastUrgency = urgency;
        await ReadAsync(pack, offset, destination, ct);
        return null; // what it was may have been changed
    }

    public async ValueTask ReadAsync(PackId pack, long offset, Memory<byte> destination, CancellationToken ct)
    {
        _reads.AddOrUpdate((pack, offset), 1, (_, count) => count + 1);
        await BeforeRead(ct);
        await inner.ReadAsync(pack, offset, destination, ct);
        AfterRead(offset, destination);
    }

    public ValueTask<Manifest> ImportAsync(ImportRequest request, CancellationToken ct) =>
        inner.ImportAsync(request, ct);

    public ValueTask DeleteAsync(string name, string snap, CancellationToken ct) =>
        inner.DeleteAsync(name, snap, ct);
}
