namespace SnapshotGrains.Bench.Transfer;

/// <summary>Whoever has the segments.</summary>
internal interface ISource
{
    /// <summary>Brings one segment; <paramref name="destination"/> is where a reader wants it.</summary>
    ValueTask FetchAsync(int number, Memory<byte> destination, CancellationToken cancellationToken);
}
