using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>From what is asked for to the replica that a disk is cloned from.</summary>
internal static class LayoutChoice
{
    /// <summary>Chooses what is left open.</summary>
    /// <param name="layout">What is asked for; null for nothing.</param>
    /// <param name="manifest">The snapshot.</param>
    /// <param name="key">The key that is asked for by name; null for none.</param>
    /// <param name="best">The stripe format of the best replica there is under that key; null: there is none.</param>
    /// <exception cref="SnapshotGrainsException">There is no such format; <see cref="ErrorCode.BadRequest"/>.
    /// </exception>
    public static ChosenLayout Of(DiskLayout? layout, Manifest manifest, KeyRef? key, StripeFormat? best)
    {
        var unstriped = StripeFormat.Unstriped(manifest.Map.SegmentSizeBytes);
        var format = FormatOf(layout, manifest);
        var isBase = key == ImageDescription.KeyOf(manifest.Key) && (format is null || format == unstriped);
        var chosen = isBase ? null : format ?? best ?? unstriped;
        CheckSize(chosen, manifest);
        return new ChosenLayout(chosen, key);
    }

    /// <summary>A set counts in full where it is begun, so more is stored than the disk has.</summary>
    private static void CheckSize(StripeFormat? format, Manifest manifest)
    {
        if (format is not null && manifest.Map.SizeBytes + (2L * format.SegmentSizeBytes * format.StripeCount)
            > OverlayStore.MaxSizeBytes)
        {
            throw Bad(manifest, $"{manifest.Map.SizeBytes} bytes are too many for it");
        }
    }

    private static StripeFormat? FormatOf(DiskLayout? layout, Manifest manifest)
    {
        if (layout is not { HasFormat: true })
        {
            return null;
        }

        if (layout.StripeUnitBytes is null != layout.StripeCount is null)
        {
            throw Bad(manifest, "the stripe unit and the stripe count go together");
        }

        var segment = layout.SegmentSizeBytes
            ?? Math.Max(manifest.Map.SegmentSizeBytes, layout.StripeUnitBytes ?? 0);
        var format = new StripeFormat(segment, layout.StripeUnitBytes ?? segment, layout.StripeCount ?? 1);
        return StripeLayout.ProblemOf(format.SegmentSizeBytes, format.StripeUnitBytes, format.StripeCount)
            is { } problem ? throw Bad(manifest, problem) : format;
    }

    private static SnapshotGrainsException Bad(Manifest manifest, string problem) =>
        new(ErrorCode.BadRequest, $"{manifest} cannot be cloned in that stripe format: {problem}.");
}
