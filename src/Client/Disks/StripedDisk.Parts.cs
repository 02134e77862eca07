using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

public sealed partial class StripedDisk
{
    /// <summary>The physical runs of a logical range, cut at multiples of <paramref name="maxBytes"/>.</summary>
    private List<(long Physical, int Length)> PartsOf(long offset, int length, int maxBytes)
    {
        var parts = new List<(long, int)>();
        foreach (var (physical, bytes) in _layout.RunsOf(offset, length))
        {
            for (var (at, end) = (physical, physical + bytes); at < end;)
            {
                var part = (int)Math.Min(end - at, maxBytes - (at & (maxBytes - 1)));
                parts.Add((at, part));
                at += part;
            }
        }

        return parts;
    }

    private async ValueTask<DiskSlice> GatherAsync(long offset, int length, CancellationToken cancellationToken)
    {
        var buffer = NativeBufferPool.Shared.Rent(length);
        try
        {
            await ReadManyAsync(offset, buffer.Memory, cancellationToken).ConfigureAwait(false);
            return new DiskSlice(buffer.Address, length, buffer);
        }
        catch
        {
            ((IDisposable)buffer).Dispose();
            throw;
        }
    }

    private async ValueTask ReadPartAsync(
        (long Physical, int Length) part, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var (at, end) = (part.Physical, part.Physical + part.Length); at < end;)
        {
            if (!_inner.TryLease(at, (int)(end - at), out var slice))
            {
                slice = await _inner.LeaseAsync(at, (int)(end - at), cancellationToken).ConfigureAwait(false);
            }

            Scatter(slice, at, offset, destination.Span);
            slice.Release();
            at += slice.Length;
        }
    }

    /// <summary>Puts a run of physical bytes, unit by unit, where they belong.</summary>
    private void Scatter(in DiskSlice slice, long physical, long offset, Span<byte> destination)
    {
        for (var done = 0; done < slice.Length;)
        {
            var unit = slice with
            {
                Address = slice.IsZero ? 0 : slice.Address + done,
                Length = UnitAt(physical + done, slice.Length - done),
            };
            unit.CopyTo(destination[(int)(_layout.ToLogical(physical + done) - offset)..]);
            done += unit.Length;
        }
    }

    /// <summary>What follows in the same stripe unit.</summary>
    private int UnitAt(long physical, int maxLength) =>
        Math.Min(maxLength, _layout.StripeUnitBytes - (int)(physical & (_layout.StripeUnitBytes - 1)));

    private async ValueTask WritePartsAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        var parts = PartsOf(offset, data.Length, Math.Min(_layout.SegmentSizeBytes, MaxTogetherBytes));
        await ManyAtOnce<(long Physical, int Length)>.RunAsync(
            parts, WritesAtOnce, part => WritePartAsync(part, offset, data, cancellationToken)).ConfigureAwait(false);
        if (isDurable)
        {
            await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The units of a part follow each other in the segment: gathered, they are one write.</summary>
    private async ValueTask WritePartAsync(
        (long Physical, int Length) part, long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (UnitAt(part.Physical, part.Length) == part.Length)
        {
            var unit = data.Slice((int)(_layout.ToLogical(part.Physical) - offset), part.Length);
            await _inner.WriteAsync(part.Physical, unit, isDurable: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var gathered = NativeBufferPool.Shared.Rent(part.Length);
        for (var done = 0; done < part.Length;)
        {
            var length = UnitAt(part.Physical + done, part.Length - done);
            data.Span.Slice((int)(_layout.ToLogical(part.Physical + done) - offset), length)
                .CopyTo(gathered.GetSpan()[done..]);
            done += length;
        }

        await _inner.WriteAsync(part.Physical, gathered.Memory, isDurable: false, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Does the same to all runs of a range; one flush at the end makes them durable.</summary>
    private async ValueTask ForRunsAsync(
        long offset,
        long length,
        bool isDurable,
        CancellationToken cancellationToken,
        Func<VirtualDisk, (long Physical, long Length), CancellationToken, ValueTask> act)
    {
        await ManyAtOnce<(long Physical, long Length)>.RunAsync(
            [.. _layout.RunsOf(offset, length)], WritesAtOnce, run => act(_inner, run, cancellationToken))
            .ConfigureAwait(false);
        if (isDurable)
        {
            await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
