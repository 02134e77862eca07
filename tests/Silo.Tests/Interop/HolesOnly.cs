using SnapshotGrains.Images;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>The content of an empty image of any size.</summary>
internal sealed class HolesOnly(long lengthBytes) : IImageReader
{
    public long? LengthBytes => lengthBytes;

    public ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken) => new(lengthBytes);

    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length = (int)Math.Clamp(lengthBytes - offset, 0, destination.Length);
        destination.Span[..length].Clear();
        return new ValueTask<int>(length);
    }
}
