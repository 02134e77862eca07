using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>A striped content in the order of the guest's addresses.</summary>
/// <param name="stored">The content as it lies in segments.</param>
/// <param name="layout">Where it lies.</param>
/// <param name="lengthBytes">Its length.</param>
internal sealed class StripedImageReader(IImageReader stored, StripeLayout layout, long lengthBytes) : IImageReader
{
    public long? LengthBytes => lengthBytes;

    public ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken) =>
        FindAsync(offset, stored.FindDataAsync, cancellationToken);

    public ValueTask<long> FindChangeAsync(long offset, CancellationToken cancellationToken) =>
        FindAsync(offset, stored.FindChangeAsync, cancellationToken);

    public async ValueTask<int> ReadAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Clamp(lengthBytes - offset, 0, destination.Length);
        for (var done = 0; done < wanted;)
        {
            var piece = destination.Slice(done, (int)Math.Min(wanted - done, UnitEndOf(offset + done) - offset - done));
            var read = await stored.ReadAsync(layout.ToPhysical(offset + done), piece, cancellationToken)
                .ConfigureAwait(false);
            if (read != piece.Length)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.DiskFailed, $"{piece.Length - read} stored bytes are missing from {offset + done} on.");
            }

            done += piece.Length;
        }

        return wanted;
    }

    /// <summary>Set by set, which are the same ranges in both orders; unit by unit where there is something.</summary>
    private async ValueTask<long> FindAsync(
        long offset, Func<long, CancellationToken, ValueTask<long>> find, CancellationToken cancellationToken)
    {
        while (offset < lengthBytes)
        {
            var set = offset / layout.SetBytes * layout.SetBytes;
            var found = await find(set, cancellationToken).ConfigureAwait(false);
            if (found >= set + layout.SetBytes)
            {
                offset = found / layout.SetBytes * layout.SetBytes;
                continue;
            }

            var (physical, length) = (layout.ToPhysical(offset), UnitEndOf(offset) - offset);
            found = await find(physical, cancellationToken).ConfigureAwait(false);
            if (found < physical + length)
            {
                return Math.Min(lengthBytes, offset + found - physical);
            }

            offset += length;
        }

        return lengthBytes;
    }

    private long UnitEndOf(long offset) => ((offset / layout.StripeUnitBytes) + 1) * layout.StripeUnitBytes;
}
