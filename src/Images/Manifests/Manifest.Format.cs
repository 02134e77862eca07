using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <content>The manifest as bytes; docs/FORMATS.md, "Manifest".</content>
public sealed partial class Manifest
{
    /// <summary>Reads a manifest from a stream that holds nothing else.</summary>
    /// <exception cref="CorruptFormatException">Truncated, altered, or of another version.</exception>
    public static Manifest Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = ManifestHeader.ReaderOf(stream);
        var header = ManifestHeader.Read(reader);
        var packs = ReadPacks(reader, header.PackCount);
        var mapAt = reader.Offset;
        var map = SegmentMap.Read(stream);
        if (map.SizeBytes != header.SizeBytes || map.SegmentSizeBytes != header.SegmentSizeBytes
            || map.DataSegments != header.DataSegments)
        {
            throw reader.Corrupt(mapAt, "its segment map belongs to another image");
        }

        // The map has checksums of its own; this reader's covers the manifest's other parts.
        var places = ReadPlaces(reader, map, packs.Length);
        reader.VerifyChecksum();
        reader.VerifyEnd();
        return new Manifest(header, map, packs, places);
    }

    /// <summary>Writes the manifest.</summary>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var writer = new FormatWriter(stream.Write);
        Header.WriteTo(writer);
        Span<byte> bytes = stackalloc byte[PackId.SizeBytes];
        foreach (var pack in _packs)
        {
            pack.CopyTo(bytes);
            writer.Write(bytes);
        }

        writer.WriteChecksum();
        Map.WriteTo(stream);
        foreach (var place in _places)
        {
            writer.Write((long)place);
        }

        writer.WriteChecksum();
    }

    /// <summary>Reads only the packs that an image uses.</summary>
    /// <exception cref="CorruptFormatException">Truncated, altered, or of another version.</exception>
    internal static PackId[] ReadPacks(Stream stream)
    {
        var reader = ManifestHeader.ReaderOf(stream);
        return ReadPacks(reader, ManifestHeader.Read(reader).PackCount);
    }

    private static PackId[] ReadPacks(FormatReader reader, int count)
    {
        var bytes = reader.ReadBytes((long)count * PackId.SizeBytes);
        reader.VerifyChecksum();
        var packs = new PackId[count];
        for (var i = 0; i < count; i++)
        {
            packs[i] = PackId.FromBytes(bytes.AsSpan(i * PackId.SizeBytes, PackId.SizeBytes));
        }

        return packs;
    }

    private static ulong[] ReadPlaces(FormatReader reader, SegmentMap map, int packs)
    {
        var at = reader.Offset;
        var places = new ulong[map.DataSegments];
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < places.Length; i++)
        {
            reader.Read(bytes);
            places[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (places[i] >> PackShift >= (ulong)packs)
            {
                throw reader.Corrupt(at, $"data segment {i} lies in pack {places[i] >> PackShift} of {packs}");
            }
        }

        return places;
    }
}
