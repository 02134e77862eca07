using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>
/// A replica of a snapshot in another stripe format or under another key: which segments it has, what each is made of,
/// and how each is named before anybody has made it. Immutable; everybody who knows the snapshot's own map computes the
/// same.
/// </summary>
/// <remarks>
/// A derived segment's name is the SHA-256 of its recipe: the format, the keys, its number and the digests of the base
/// segments that it is made of. Names cost a hash a data segment when the map is made: about a second for 1 TiB of
/// data in segments of 1 MiB.
/// </remarks>
public sealed class ReplicaMap
{
    private const string NameDomain = "snapshotgrains.derived.v1";
    private const string PlaceDomain = "snapshotgrains.place.v1";

    private readonly byte[] _recipe;
    private readonly byte[] _place;

    /// <summary>The map of a derived replica.</summary>
    /// <param name="source">The snapshot's own map.</param>
    /// <param name="layout">The replica's layout; its size is the snapshot's.</param>
    /// <param name="name">The snapshot's name, which spreads the sets of different snapshots.</param>
    /// <param name="sourceKey">Id of the key that the snapshot's own segments are encrypted under; empty for none.
    /// </param>
    /// <param name="key">Id of the replica's key; empty for none.</param>
    public ReplicaMap(SegmentMap source, StripeLayout layout, string name, Guid sourceKey, Guid key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(layout.SizeBytes, source.SizeBytes);
        Source = source;
        Layout = layout;
        SourceKey = sourceKey;
        Key = key;
        _recipe = HashOf(NameDomain, "");
        _place = HashOf(PlaceDomain, name);
        Map = Build();
    }

    /// <summary>The snapshot's own map.</summary>
    public SegmentMap Source { get; }

    /// <summary>Where the bytes lie.</summary>
    public StripeLayout Layout { get; }

    /// <summary>Id of the key of the snapshot's own segments; empty for none.</summary>
    public Guid SourceKey { get; }

    /// <summary>Id of the replica's key; empty for none.</summary>
    public Guid Key { get; }

    /// <summary>
    /// The replica's segments, in its physical address space. A segment is zero when all that it is made of is.
    /// </summary>
    public SegmentMap Map { get; }

    /// <summary>
    /// What chooses the silo of segment <paramref name="n"/>. The segments of a set share it, and the column says which
    /// of the silos that it ranks is meant; without columns it is where the base segment is, if that is one to one.
    /// </summary>
    public Digest PlacementOf(long n)
    {
        if (Layout.StripeCount == 1 && Source.SegmentSizeBytes == Layout.SegmentSizeBytes && !Source.IsZero(n))
        {
            return Source.DigestOf(n);
        }

        Span<byte> text = stackalloc byte[Digest.SizeBytes + sizeof(long)];
        _place.CopyTo(text);
        BinaryPrimitives.WriteInt64LittleEndian(text[Digest.SizeBytes..], n / Layout.StripeCount);
        return Digest.Compute(text);
    }

    /// <summary>
    /// Which parts of the snapshot follow each other in segment <paramref name="n"/>: logical ranges, in the order of
    /// the segment's bytes. What the snapshot has no bytes for is left out: the segment ends with zeros there.
    /// </summary>
    public IEnumerable<(long Offset, int Length)> PartsOf(long n)
    {
        var start = n * Layout.SegmentSizeBytes;
        var piece = Layout.IsIdentity ? Layout.SegmentSizeBytes : Layout.StripeUnitBytes;
        for (var within = 0; within < Layout.SegmentSizeBytes; within += piece)
        {
            var logical = Layout.ToLogical(start + within);
            var length = (int)Math.Min(piece, Layout.SizeBytes - logical);
            if (length <= 0)
            {
                yield break;
            }

            yield return (logical, length);
        }
    }

    /// <summary>The base segments that segment <paramref name="n"/> is made of, ascending.</summary>
    public IEnumerable<long> SourcesOf(long n)
    {
        var (unit, piece) = (n * Layout.SegmentSizeBytes, Layout.IsIdentity
            ? Layout.SegmentSizeBytes : Layout.StripeUnitBytes);
        long next = 0;
        for (var end = unit + Layout.SegmentSizeBytes; unit < end; unit = UnitAfter(unit, piece, next))
        {
            var logical = Layout.ToLogical(unit);
            var last = (Math.Min(logical + piece, Layout.SizeBytes) - 1) / Source.SegmentSizeBytes;
            if (logical >= Layout.SizeBytes)
            {
                yield break;
            }

            for (next = Math.Max(next, logical / Source.SegmentSizeBytes); next <= last; next++)
            {
                yield return next;
            }
        }
    }

    /// <summary>
    /// The next unit of the segment that does not lie in a source before <paramref name="next"/>: a base segment may
    /// hold hundreds of a segment's units.
    /// </summary>
    private long UnitAfter(long unit, int piece, long next)
    {
        var step = Layout.IsIdentity ? piece : (long)piece * Layout.StripeCount;
        var missing = (next * Source.SegmentSizeBytes) - Layout.ToLogical(unit);
        return unit + (Math.Max(1, (missing + step - 1) / step) * piece);
    }

    private SegmentMap Build()
    {
        var builder = new SegmentMapBuilder(Layout.SegmentSizeBytes);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (builder.Count < Layout.SegmentCount)
        {
            var set = builder.Count / Layout.StripeCount;
            var (first, end) = (set * Layout.SetBytes, Math.Min(Layout.SizeBytes, (set + 1) * Layout.SetBytes));
            var data = Source.NextData(first / Source.SegmentSizeBytes) * Source.SegmentSizeBytes;
            if (data >= end)
            {
                // Whole sets of nothing: a sparse snapshot costs what it holds.
                var sets = Math.Max(1, (Math.Min(data, Layout.SizeBytes) - first) / Layout.SetBytes);
                builder.AddZero(Math.Min(sets * Layout.StripeCount, Layout.SegmentCount - builder.Count));
                continue;
            }

            for (var n = builder.Count; n < Math.Min(Layout.SegmentCount, (set + 1) * Layout.StripeCount); n++)
            {
                Add(builder, hash, n);
            }
        }

        return builder.Build(Layout);
    }

    private void Add(SegmentMapBuilder builder, IncrementalHash hash, long n)
    {
        Span<byte> numbers = stackalloc byte[2 * sizeof(long)];
        Span<byte> digest = stackalloc byte[1 + Digest.SizeBytes];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, n);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[sizeof(long)..], Layout.UsedBytesOf(n));
        hash.AppendData(_recipe);
        hash.AppendData(numbers);
        var hasData = false;
        foreach (var source in SourcesOf(n))
        {
            digest.Clear();
            if (!Source.IsZero(source))
            {
                hasData = true;
                digest[0] = 1;
                Source.DigestOf(source).CopyTo(digest[1..]);
            }

            hash.AppendData(digest);
        }

        hash.GetHashAndReset(digest[1..]);
        if (hasData)
        {
            builder.AddData(Digest.FromBytes(digest[1..]));
        }
        else
        {
            builder.AddZero();
        }
    }

    private byte[] HashOf(string domain, string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(domain));
        hash.AppendData(SourceKey.ToByteArray());
        hash.AppendData(Key.ToByteArray());
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var value in (ReadOnlySpan<int>)[
            Layout.SegmentSizeBytes, Layout.StripeUnitBytes, Layout.StripeCount, Source.SegmentSizeBytes])
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, value);
            hash.AppendData(number);
        }

        hash.AppendData(Encoding.UTF8.GetBytes(name));
        return hash.GetHashAndReset();
    }
}
