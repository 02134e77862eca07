using System.Buffers.Binary;

namespace SnapshotGrains.Nbd;

/// <summary>Parses options as a server receives them (proto.md, "Fixed newstyle negotiation").</summary>
internal static class OptionReader
{
    /// <summary>Reads the head of an option.</summary>
    public static ParseStatus TryReadHeader(ReadOnlySpan<byte> bytes, out OptionHeader header)
    {
        header = default;
        if (bytes.Length < OptionHeader.Bytes)
        {
            return ParseStatus.Incomplete;
        }

        if (BinaryPrimitives.ReadUInt64BigEndian(bytes) != NbdMagic.Option)
        {
            return ParseStatus.BadMagic;
        }

        header = new OptionHeader(
            (NbdOption)BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]));
        return ParseStatus.Ok;
    }

    /// <summary>Reads the data of NBD_OPT_EXPORT_NAME: nothing but the name.</summary>
    public static ParseStatus TryReadExportName(ReadOnlySpan<byte> data, out string name) =>
        SpanReader.TryDecode(data, out name);

    /// <summary>Reads the data of NBD_OPT_INFO and NBD_OPT_GO.</summary>
    public static ParseStatus TryReadInfo(ReadOnlySpan<byte> data, out InfoRequest request)
    {
        request = default;
        var reader = new SpanReader(data);
        var status = TryReadName(ref reader, out var name);
        if (status != ParseStatus.Ok)
        {
            return status;
        }

        if (!reader.TryReadU16(out var count) || reader.Length != count * 2)
        {
            return ParseStatus.Invalid;
        }

        var wanted = 0u;
        while (reader.TryReadU16(out var type))
        {
            wanted |= type <= (ushort)NbdInfoType.BlockSize ? 1u << type : 0;
        }

        request = new InfoRequest(
            name, Wants(wanted, NbdInfoType.Name), Wants(wanted, NbdInfoType.Description),
            Wants(wanted, NbdInfoType.BlockSize));
        return ParseStatus.Ok;
    }

    /// <summary>Reads the data of NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT.</summary>
    public static ParseStatus TryReadMetaContext(ReadOnlySpan<byte> data, out MetaContextRequest request)
    {
        request = default;
        var reader = new SpanReader(data);
        var status = TryReadName(ref reader, out var name);
        if (status != ParseStatus.Ok)
        {
            return status;
        }

        if (!reader.TryReadU32(out var count))
        {
            return ParseStatus.Invalid;
        }

        bool allocation = false, wildcard = false;
        for (uint i = 0; i < count; i++)
        {
            if (!reader.TryReadU32(out var length) || !reader.TryReadBytes(length, out var query))
            {
                return ParseStatus.Invalid;
            }

            status = CheckQuery(query);
            if (status != ParseStatus.Ok)
            {
                return status;
            }

            allocation |= query.SequenceEqual(NbdMetaContexts.AllocationUtf8);
            wildcard |= query.SequenceEqual(NbdMetaContexts.BaseWildcardUtf8);
        }

        request = new MetaContextRequest(name, count, allocation, wildcard);
        return reader.IsEmpty ? ParseStatus.Ok : ParseStatus.Invalid;
    }

    private static bool Wants(uint wanted, NbdInfoType type) => (wanted & (1u << (int)type)) != 0;

    private static ParseStatus TryReadName(ref SpanReader reader, out string name)
    {
        name = "";
        return reader.TryReadU32(out var length) && reader.TryReadBytes(length, out var bytes)
            ? SpanReader.TryDecode(bytes, out name)
            : ParseStatus.Invalid;
    }

    /// <summary>A query starts with a non-empty namespace and a colon; what the namespace means comes later.</summary>
    private static ParseStatus CheckQuery(ReadOnlySpan<byte> query)
    {
        if (query.Length > NbdLimits.MaxStringBytes)
        {
            return ParseStatus.TooBig;
        }

        return query.IndexOf((byte)':') > 0 ? ParseStatus.Ok : ParseStatus.Invalid;
    }
}
