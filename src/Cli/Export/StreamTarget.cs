namespace SnapshotGrains.Cli.Export;

/// <summary>Standard output: all bytes, for it knows no holes.</summary>
/// <param name="stream">Where to.</param>
internal sealed class StreamTarget(Stream stream) : ExportTarget
{
    private static readonly ReadOnlyMemory<byte> Zeros = new byte[256 << 10];

    /// <inheritdoc />
    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        stream.WriteAsync(data, cancellationToken);

    /// <inheritdoc />
    public override async ValueTask SkipAsync(long offset, long length, CancellationToken cancellationToken)
    {
        for (; length > 0; length -= Zeros.Length)
        {
            await stream.WriteAsync(Zeros[..(int)Math.Min(length, Zeros.Length)], cancellationToken);
        }
    }

    /// <inheritdoc />
    public override Task CompleteAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    /// <inheritdoc />
    public override ValueTask DisposeAsync() => stream.DisposeAsync();
}
