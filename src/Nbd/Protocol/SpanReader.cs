using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>Reads big-endian fields from a span; each method says whether there were enough bytes.</summary>
internal ref struct SpanReader(ReadOnlySpan<byte> bytes)
{
    // Names with invalid UTF-8 must be refused, not silently changed into other names.
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public readonly int Length => _rest.Length;

    public bool TryReadU16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_rest, out value))
        {
            return false;
        }

        _rest = _rest[2..];
        return true;
    }

    public bool TryReadU32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_rest, out value))
        {
            return false;
        }

        _rest = _rest[4..];
        return true;
    }

    public bool TryReadU64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(_rest, out value))
        {
            return false;
        }

        _rest = _rest[8..];
        return true;
    }

    public bool TryReadBytes(uint length, out ReadOnlySpan<byte> value)
    {
        if (length > (uint)_rest.Length)
        {
            value = default;
            return false;
        }

        value = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }

    /// <summary>Decodes a protocol string: valid UTF-8 without NUL, at most 4096 bytes.</summary>
    public static ParseStatus TryDecode(ReadOnlySpan<byte> bytes, out string value)
    {
        value = "";
        if (bytes.Length > NbdLimits.MaxStringBytes)
        {
            return ParseStatus.TooBig;
        }

        if (bytes.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return ParseStatus.Invalid;
        }

        value = StrictUtf8.GetString(bytes);
        return ParseStatus.Ok;
    }
}
