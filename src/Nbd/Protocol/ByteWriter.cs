using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Builds messages of the handshake: big-endian fields in a growing array that never moves while sent.
/// </summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(1024, pinned: true);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public ByteWriter U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);
        return this;
    }

    public ByteWriter U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);
        return this;
    }

    public ByteWriter U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);
        return this;
    }

    public ByteWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Take(value.Length));
        return this;
    }

    public ByteWriter Zeroes(int count)
    {
        Take(count).Clear();
        return this;
    }

    public ByteWriter Text(string value)
    {
        Encoding.UTF8.GetBytes(value, Take(Encoding.UTF8.GetByteCount(value)));
        return this;
    }

    private Span<byte> Take(int count)
    {
        if (Length + count > _bytes.Length)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_bytes.Length * 2, Length + count), true);
            Written.CopyTo(larger);
            _bytes = larger;
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
