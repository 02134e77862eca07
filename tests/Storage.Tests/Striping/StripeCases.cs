namespace SnapshotGrains.Storage.Tests;

/// <summary>Stripe layouts by chance, and where their bytes lie by the formula that Ceph publishes.</summary>
internal static class StripeCases
{
    public const int Block = 4096;

    /// <summary>Any segment size, unit and count; from less than a block to a few sets.</summary>
    public static StripeLayout Layout(Random random, long maxBytes = 16 << 20)
    {
        var segment = (64 << 10) << random.Next(5);
        var unit = Math.Min(segment, Block << random.Next(9));
        var count = random.Next(4) == 0 ? random.Next(1, 65) : random.Next(1, 6);
        var set = Math.Min((long)segment * count, maxBytes / 2);
        var size = random.Next(4) switch
        {
            0 => random.NextInt64(1, 2 * Block),
            1 => set * random.Next(1, 3),
            2 => Math.Max(1, (set * random.Next(1, 3)) + random.Next(-Block - 1, Block + 2)),
            _ => random.NextInt64(1, 2 * set),
        };
        return new StripeLayout(segment, unit, count, size);
    }

    /// <summary>
    /// Ceph documentation, "Architecture", Data Striping, word for word: object number and offset in the object.
    /// </summary>
    public static (long Segment, long Within) Place(StripeLayout layout, long offset)
    {
        var stripesPerObject = layout.SegmentSizeBytes / layout.StripeUnitBytes;
        var blockNumber = offset / layout.StripeUnitBytes;
        var stripeNumber = blockNumber / layout.StripeCount;
        var stripePosition = blockNumber % layout.StripeCount;
        var objectSet = stripeNumber / stripesPerObject;
        var objectNumber = (objectSet * layout.StripeCount) + stripePosition;
        var within = (stripeNumber % stripesPerObject * layout.StripeUnitBytes) + (offset % layout.StripeUnitBytes);
        return (objectNumber, within);
    }

    /// <summary>For each segment, the logical address of each of its blocks that is used, in its order.</summary>
    public static long[][] BlocksOf(StripeLayout layout)
    {
        var segments = new SortedDictionary<long, SortedDictionary<long, long>>();
        for (long logical = 0; logical < layout.SizeBytes; logical += Block)
        {
            var (segment, within) = Place(layout, logical);
            if (!segments.TryGetValue(segment, out var blocks))
            {
                segments[segment] = blocks = [];
            }

            blocks[within] = logical;
        }

        segments.Keys.Should().Equal(Enumerable.Range(0, segments.Count).Select(n => (long)n));
        return [.. segments.Values.Select(blocks =>
        {
            blocks.Keys.Should().Equal(Enumerable.Range(0, blocks.Count).Select(n => (long)n * Block));
            return blocks.Values.ToArray();
        })];
    }

    public static string Describe(StripeLayout layout) =>
        $"{layout.SegmentSizeBytes}-{layout.StripeUnitBytes}-{layout.StripeCount} of {layout.SizeBytes} bytes";
}
