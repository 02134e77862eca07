using System.Text;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// The first part of a manifest, with a checksum of its own, so that a listing reads a few hundred bytes per image.
/// docs/FORMATS.md, "Manifest".
/// </summary>
internal sealed record ManifestHeader
{
    private const string What = "manifest";
    private const ushort Version = 1;
    private const ushort HasKey = 1;
    private const int MaxSourceBytes = 4096;
    private const int KeyIdBytes = 16;

    public required string Name { get; init; }

    public required string Snap { get; init; }

    public required string Source { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required long SizeBytes { get; init; }

    public required int SegmentSizeBytes { get; init; }

    public required long DataSegments { get; init; }

    public required long DistinctSegments { get; init; }

    public required long StoredBytes { get; init; }

    public required int PackCount { get; init; }

    public ImageKey? Key { get; init; }

    private static ReadOnlySpan<byte> Magic => "SGMANIFT"u8;

    /// <summary>Cuts a source name to what the format holds, at a character's boundary.</summary>
    public static string FitSource(string? source)
    {
        var text = source ?? string.Empty;
        while (Encoding.UTF8.GetByteCount(text) > MaxSourceBytes)
        {
            text = text[..^1];
        }

        return text;
    }

    public static ManifestHeader Read(FormatReader reader)
    {
        reader.VerifyStart(Magic, Version);
        var flags = reader.ReadUInt16();
        var packCount = reader.ReadUInt32();
        var created = reader.ReadInt64();
        var size = reader.ReadInt64();
        var segmentSize = reader.ReadUInt32();
        var reserved = reader.ReadUInt32();
        var data = reader.ReadInt64();
        var distinct = reader.ReadInt64();
        var stored = reader.ReadInt64();
        var (nameBytes, snapBytes) = (reader.ReadByte(), reader.ReadByte());
        int sourceBytes = reader.ReadUInt16();
        var name = ReadText(reader, nameBytes);
        var snap = ReadText(reader, snapBytes);
        var source = ReadText(reader, Math.Min(sourceBytes, MaxSourceBytes));
        var key = flags == HasKey ? ReadKey(reader) : null;
        reader.VerifyChecksum();
        var sane = flags is 0 or HasKey && reserved == 0 && IsSane(key)
            && packCount <= data && packCount <= Manifest.MaxPacks && size >= 0 && stored >= 0
            && segmentSize <= int.MaxValue && SegmentMap.IsValidSegmentSize((int)segmentSize)
            && data <= SegmentMap.CountSegments(size, (int)segmentSize) && distinct >= 0 && distinct <= data
            && created is >= 0 and <= 253_402_300_799_999 && ImageName.IsValid(name) && ImageName.IsValid(snap);
        return !sane
            ? throw reader.Corrupt(8, "a field of the header has an impossible value")
            : new ManifestHeader
            {
                Name = name,
                Snap = snap,
                Source = source,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(created),
                SizeBytes = size,
                SegmentSizeBytes = (int)segmentSize,
                DataSegments = data,
                DistinctSegments = distinct,
                StoredBytes = stored,
                PackCount = (int)packCount,
                Key = key,
            };
    }

    public void WriteTo(FormatWriter writer)
    {
        var (name, snap, source) =
            (Encoding.UTF8.GetBytes(Name), Encoding.UTF8.GetBytes(Snap), Encoding.UTF8.GetBytes(Source));
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Key is null ? (ushort)0 : HasKey);
        writer.Write((uint)PackCount);
        writer.Write(CreatedAt.ToUnixTimeMilliseconds());
        writer.Write(SizeBytes);
        writer.Write((uint)SegmentSizeBytes);
        writer.Write(0u);
        writer.Write(DataSegments);
        writer.Write(DistinctSegments);
        writer.Write(StoredBytes);
        writer.Write([(byte)name.Length, (byte)snap.Length]);
        writer.Write((ushort)source.Length);
        writer.Write(name);
        writer.Write(snap);
        writer.Write(source);
        if (Key is not null)
        {
            var keyName = Encoding.UTF8.GetBytes(Key.Name);
            writer.Write([(byte)keyName.Length]);
            writer.Write(keyName);
            writer.Write(Key.Id.ToByteArray(bigEndian: true));
        }

        writer.WriteChecksum();
    }

    public ImageSummary Summarize() => new()
    {
        Name = Name,
        Snap = Snap,
        SizeBytes = SizeBytes,
        SegmentSizeBytes = SegmentSizeBytes,
        SegmentCount = SegmentMap.CountSegments(SizeBytes, SegmentSizeBytes),
        DataSegments = DataSegments,
        DistinctSegments = DistinctSegments,
        StoredBytes = StoredBytes,
        CreatedAt = CreatedAt,
        Source = Source,
        Key = Key,
    };

    public static FormatReader ReaderOf(Stream stream) => new(stream, What);

    private static ImageKey ReadKey(FormatReader reader)
    {
        var name = ReadText(reader, reader.ReadByte());
        Span<byte> id = stackalloc byte[KeyIdBytes];
        reader.Read(id);
        return new ImageKey(name, new Guid(id, bigEndian: true));
    }

    private static bool IsSane(ImageKey? key) =>
        key is null || (ImageName.IsValid(key.Name) && key.Id != Guid.Empty);

    private static string ReadText(FormatReader reader, int bytes)
    {
        Span<byte> text = stackalloc byte[Math.Max(1, bytes)];
        text = text[..bytes];
        reader.Read(text);
        return Encoding.UTF8.GetString(text);
    }
}
