using System.Runtime.InteropServices;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>An image: its segments' digests, and where its data segments are kept. Immutable.</summary>
public sealed partial class Manifest
{
    /// <summary>Data segments start at multiples of this many bytes in a pack.</summary>
    public const int AlignmentBytes = 4096;

    internal const int MaxPacks = 1 << (64 - PackShift);

    private const int PackShift = 40;
    private const ulong PageMask = (1UL << PackShift) - 1;

    private readonly PackId[] _packs;

    // One word per data segment: index of the pack in the upper 24 bits, offset in pages of 4 KiB in the lower 40.
    private readonly ulong[] _places;

    internal Manifest(ManifestHeader header, SegmentMap map, PackId[] packs, ulong[] places)
    {
        Header = header;
        Map = map;
        _packs = packs;
        _places = places;
    }

    /// <summary>Name of the image, for example "ubuntu".</summary>
    public string Name => Header.Name;

    /// <summary>Name of the snapshot, for example "v1".</summary>
    public string Snap => Header.Snap;

    /// <summary>Size, segment size and digests.</summary>
    public SegmentMap Map { get; }

    /// <summary>When the image was imported.</summary>
    public DateTimeOffset CreatedAt => Header.CreatedAt;

    /// <summary>Name of the file or disk that it was made from; may be empty.</summary>
    public string Source => Header.Source;

    /// <summary>The key that its segments are encrypted under; null for none.</summary>
    public ImageKey? Key => Header.Key;

    /// <summary>Segments that are not all zero.</summary>
    public long DataSegments => Map.DataSegments;

    /// <summary>Segments that are all zero: neither stored nor fetched.</summary>
    public long ZeroSegments => Map.ZeroSegments;

    /// <summary>Data segments, equal ones counted once.</summary>
    public long DistinctSegments => Header.DistinctSegments;

    /// <summary>Bytes that this image added to the image center when it was imported.</summary>
    public long StoredBytes => Header.StoredBytes;

    /// <summary>The packs that hold the image's data, other images' packs included.</summary>
    public ReadOnlySpan<PackId> Packs => _packs;

    internal ManifestHeader Header { get; }

    /// <summary>Where data segment <paramref name="n"/> is kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    /// <exception cref="InvalidOperationException">The segment is all zero.</exception>
    public PackLocation LocationOf(long n)
    {
        var place = _places[Map.DataIndexOf(n)];
        return new PackLocation(
            _packs[place >> PackShift], (long)(place & PageMask) * AlignmentBytes, Map.LengthOf(n));
    }

    /// <summary>The image as a listing shows it.</summary>
    public ImageSummary Summarize() => Header.Summarize();

    /// <summary><c>name@snap</c>.</summary>
    public override string ToString() => $"{Name}@{Snap}";

    /// <summary>Puts a manifest together from the locations of its data segments, in order.</summary>
    internal static Manifest Create(
        string name, string snap, string source, DateTimeOffset createdAt, SegmentMap map,
        ReadOnlySpan<PackLocation> locations, long storedBytes, ImageKey? key)
    {
        var packs = new Dictionary<PackId, int>();
        var places = new ulong[locations.Length];
        for (var i = 0; i < locations.Length; i++)
        {
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(packs, locations[i].Pack, out var known);
            index = known ? index : packs.Count - 1;
            places[i] = ((ulong)index << PackShift) | (ulong)(locations[i].Offset / AlignmentBytes);
        }

        if (packs.Count > MaxPacks)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest, $"The image refers to {packs.Count} packs; {MaxPacks} are possible.");
        }

        var header = new ManifestHeader
        {
            Name = name,
            Snap = snap,
            Source = source,
            CreatedAt = createdAt,
            SizeBytes = map.SizeBytes,
            SegmentSizeBytes = map.SegmentSizeBytes,
            DataSegments = map.DataSegments,
            DistinctSegments = CountDistinct(map),
            StoredBytes = storedBytes,
            PackCount = packs.Count,
            Key = key,
        };
        return new Manifest(header, map, [.. packs.OrderBy(pack => pack.Value).Select(pack => pack.Key)], places);
    }

    private static long CountDistinct(SegmentMap map)
    {
        var digests = map.Digests.ToArray();
        Array.Sort(digests);
        long distinct = digests.Length == 0 ? 0 : 1;
        for (var i = 1; i < digests.Length; i++)
        {
            distinct += digests[i] == digests[i - 1] ? 0 : 1;
        }

        return distinct;
    }
}
