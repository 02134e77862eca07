namespace SnapshotGrains.Images.Tests;

/// <summary>
/// A content that knows in which places it differs from a base, as a disk over a snapshot does. Counts what is read of
/// it, and can do something at a certain byte, once.
/// </summary>
internal sealed class DerivedContent(byte[] content, byte[] baseContent) : IImageReader
{
    private bool _done;

    public long? LengthBytes => content.Length;

    public long ReadBytes { get; private set; }

    public long ActAt { get; init; } = long.MaxValue;

    public Action Act { get; init; } = () => { };

    public ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken) => new(offset);

    public ValueTask<long> FindChangeAsync(long offset, CancellationToken cancellationToken)
    {
        ActOnce(offset);
        var there = baseContent.AsSpan(Math.Min((int)offset, baseContent.Length));
        return new(offset + content.AsSpan((int)offset).CommonPrefixLength(there));
    }

    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ActOnce(offset);
        var take = Math.Min(destination.Length, content.Length - (int)offset);
        content.AsMemory((int)offset, take).CopyTo(destination);
        ReadBytes += take;
        return new(take);
    }

    private void ActOnce(long offset)
    {
        if (offset >= ActAt && !_done)
        {
            _done = true;
            Act();
        }
    }
}
