using SnapshotGrains.Client;
using SnapshotGrains.Images;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks;

/// <summary>
/// A disk's content at one moment, for the image center: the frozen overlay over the parent. What the overlay does not
/// have is the parent's, and is not even read if the parent is the new image's base.
/// </summary>
internal sealed class OverlayImageReader(OverlayView view, ParentReader parent, SegmentMap? parentMap) : IImageReader
{
    public long? LengthBytes => view.SizeBytes;

    public ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken)
    {
        while (offset < view.SizeBytes)
        {
            var run = view.Lookup(offset, view.SizeBytes - offset);
            if (run.State == OverlayBlockState.Data)
            {
                break;
            }

            var end = offset + run.LengthBytes;
            if (run.State == OverlayBlockState.Parent && offset < parentMap!.SizeBytes)
            {
                var runEnd = Math.Min(end, parentMap.EndOfRun(offset, end, out var isZero));
                if (!isZero)
                {
                    break;
                }

                end = runEnd;
            }

            offset = end;
        }

        return new(offset);
    }

    public ValueTask<long> FindChangeAsync(long offset, CancellationToken cancellationToken)
    {
        var end = Math.Min(view.SizeBytes, parentMap?.SizeBytes ?? 0);
        while (offset < end)
        {
            var run = view.Lookup(offset, end - offset);
            if (run.State != OverlayBlockState.Parent)
            {
                break;
            }

            offset += run.LengthBytes;
        }

        return new(offset);
    }

    public async ValueTask<int> ReadAsync(
        long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Clamp(view.SizeBytes - offset, 0, destination.Length);
        for (var done = 0; done < wanted;)
        {
            var run = view.Lookup(offset + done, wanted - done);
            var piece = destination.Slice(done, (int)run.LengthBytes);
            if (run.State == OverlayBlockState.Parent)
            {
                await parent.ReadAsync(offset + done, piece, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                view.Read(offset + done, piece.Span);
            }

            done += piece.Length;
        }

        return wanted;
    }
}
