namespace SnapshotGrains.Storage;

/// <summary>
/// What a guest will probably read first of an image that nobody has started before: the partition table, and of each
/// file system that we know what it takes to mount it and to start from it.
/// </summary>
public static class ImageGuess
{
    /// <summary>Partitions that are looked at.</summary>
    private const int MaxPartitions = 8;

    /// <summary>Segments that are looked at: many may be named more than once.</summary>
    private const int MaxSteps = 16 * SegmentTrace.MaxEntries;

    private static readonly Func<ImageView, ValueTask<IFileTree?>>[] Kinds =
        [Ext4Tree.TryOpenAsync, XfsTree.TryOpenAsync, FatTree.TryOpenAsync];

    /// <summary>
    /// Makes a guess. Whatever is on the image, the work is bounded, and what is damaged is no error but no part of the
    /// guess.
    /// </summary>
    /// <param name="read">Reads the image.</param>
    /// <param name="sizeBytes">Its size, in bytes.</param>
    /// <param name="segmentSizeBytes">Size of a segment, in bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Segments, in the order in which they will be wanted, each once; empty for no guess.</returns>
    public static async ValueTask<IReadOnlyList<long>> SegmentsAsync(
        ImageRead read, long sizeBytes, int segmentSizeBytes, CancellationToken cancellationToken)
    {
        var ranges = await RangesAsync(read, sizeBytes, cancellationToken).ConfigureAwait(false);
        var segments = new List<long>();
        var seen = new HashSet<long>();
        foreach (var n in ranges.SelectMany(range => SegmentsOf(range, segmentSizeBytes)).Take(MaxSteps))
        {
            if (segments.Count < SegmentTrace.MaxEntries && seen.Add(n))
            {
                segments.Add(n);
            }
        }

        return segments;
    }

    private static IEnumerable<long> SegmentsOf(ByteRange range, int segmentSizeBytes)
    {
        var last = (range.Offset + range.Length - 1) / segmentSizeBytes;
        for (var n = range.Offset / segmentSizeBytes; n <= last; n++)
        {
            yield return n;
        }
    }

    private static async ValueTask<IReadOnlyList<ByteRange>> RangesAsync(
        ImageRead read, long sizeBytes, CancellationToken cancellationToken)
    {
        var disk = new ImageView(read, 0, sizeBytes, new GuessBudget(), cancellationToken);
        var ranges = new List<ByteRange>();
        try
        {
            var partitions = await PartitionTables.ReadAsync(disk).ConfigureAwait(false);
            foreach (var part in partitions.Take(MaxPartitions).DefaultIfEmpty(new ByteRange(0, sizeBytes)))
            {
                ranges.AddRange(await TryLookAsync(disk.Part(part.Offset, part.Length)).ConfigureAwait(false));
            }

            // A FAT file system begins as a partition table does.
            if (ranges.Count == 0 && partitions.Count > 0)
            {
                ranges.AddRange(await TryLookAsync(disk).ConfigureAwait(false));
            }
        }
        catch (NoGuessException)
        {
            // No table, or a damaged one: what was found before it was noticed is good.
        }

        return ranges.Count == 0 ? [] : [new ByteRange(0, 1), .. ranges];
    }

    private static async ValueTask<IReadOnlyList<ByteRange>> TryLookAsync(ImageView part)
    {
        try
        {
            foreach (var tryOpen in Kinds)
            {
                if (await tryOpen(part).ConfigureAwait(false) is { } tree)
                {
                    return await new BootFiles(tree).FindAsync().ConfigureAwait(false);
                }
            }
        }
        catch (NoGuessException)
        {
            // Damaged, or of a kind that we do not know: then there is no guess.
        }

        return [];
    }
}
