using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>A source that takes digests while it reads, at a pace by the test's clock, and notes its reads.</summary>
internal sealed class DigestingSource(byte[] pack, double bytesPerSecond, FakeTime time) : IImageSource
{
    /// <summary>Lengths of the reads so far.</summary>
    public List<int> Reads { get; } = [];

    public ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<ImageSummary> ListAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async ValueTask ReadAsync(
        PackId id, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAsync(id, offset, destination, FetchUrgency.Demand, cancellationToken);

    public ValueTask<Digest?> ReadAsync(
        PackId id, long offset, Memory<byte> destination, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        Reads.Add(destination.Length);
        pack.AsMemory((int)offset, destination.Length).CopyTo(destination);
        time.Advance(TimeSpan.FromSeconds(destination.Length / bytesPerSecond));
        return new ValueTask<Digest?>(Digest.Compute(destination.Span));
    }
}
