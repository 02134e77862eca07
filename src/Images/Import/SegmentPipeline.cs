using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Cuts a content into segments and hashes them on all cores while the next ones are being read. Delivers them in
/// order. Memory is bounded by the number of buffers.
/// </summary>
/// <param name="reader">The content.</param>
/// <param name="baseMap">The image that the reader compares with, or null.</param>
/// <param name="segmentSizeBytes">Segment size, the base's too.</param>
/// <param name="bufferBytes">Most bytes of segments in memory.</param>
internal sealed class SegmentPipeline(
    IImageReader reader, SegmentMap? baseMap, int segmentSizeBytes, int bufferBytes)
{
    private const int FewestBuffers = 3;
    private const int MostBuffers = 64;

    private readonly ConcurrentBag<byte[]> _idle = [];
    private readonly Channel<Task<ImportedSegment>> _channel = Channel.CreateBounded<Task<ImportedSegment>>(
        new BoundedChannelOptions(Math.Clamp(bufferBytes / segmentSizeBytes, FewestBuffers, MostBuffers) - 2)
        {
            SingleReader = true,
            SingleWriter = true,
        });

    /// <summary>The segments in order. To be enumerated once.</summary>
    /// <exception cref="ImageCenterException">Truncated: the content ends before its announced length; BadRequest: it
    /// is longer, or cannot be read.</exception>
    public async IAsyncEnumerable<ImportedSegment> RunAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var producer = Task.Run(() => ProduceAsync(stop.Token), CancellationToken.None);
        try
        {
            await foreach (var hashing in _channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                var segment = await hashing.ConfigureAwait(false);
                yield return segment;
                Recycle(segment);
            }
        }
        finally
        {
            // The consumer may have had enough early: the reader must have let go of the content when this ends.
            await stop.CancelAsync().ConfigureAwait(false);
            await producer.ConfigureAwait(false);
            while (_channel.Reader.TryRead(out var left))
            {
                await left.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Never throws: errors go through the channel to the consumer.</summary>
    private async Task ProduceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAllAsync(cancellationToken).ConfigureAwait(false);
            _channel.Writer.Complete();
        }
        catch (Exception e)
        {
            var unreadable = ImageErrors.IsIo(e)
                ? new ImageCenterException(
                    ImageErrorCode.BadRequest, $"The content to import cannot be read: {e.Message}", e)
                : e;
            _channel.Writer.Complete(unreadable);
        }
    }

    private async Task ReadAllAsync(CancellationToken cancellationToken)
    {
        long offset = 0;
        while (true)
        {
            offset = await SkipKnownAsync(offset, cancellationToken).ConfigureAwait(false);
            var wanted = (int)Math.Min(segmentSizeBytes, (reader.LengthBytes ?? long.MaxValue) - offset);
            if (wanted == 0)
            {
                await VerifyEndAsync(offset, cancellationToken).ConfigureAwait(false);
                return;
            }

            var buffer = _idle.TryTake(out var idle) ? idle : GC.AllocateUninitializedArray<byte>(segmentSizeBytes);
            var got = await reader.ReadAsync(offset, buffer.AsMemory(0, wanted), cancellationToken)
                .ConfigureAwait(false);
            offset += got;
            if (got > 0)
            {
                var hashing = Task.Run(() => Hash(buffer, got), CancellationToken.None);
                await _channel.Writer.WriteAsync(hashing, cancellationToken).ConfigureAwait(false);
            }

            if (got < wanted)
            {
                VerifyLength(offset);
                return;
            }
        }
    }

    /// <summary>
    /// Passes whole segments that need not be read; returns where one has to be, or the content ends.
    /// </summary>
    private async ValueTask<long> SkipKnownAsync(long offset, CancellationToken cancellationToken)
    {
        if (reader.LengthBytes is not { } length)
        {
            return offset;
        }

        while (offset < length)
        {
            var (origin, bytes) = (SegmentOrigin.Base, 0L);
            if (baseMap is not null)
            {
                var change = await reader.FindChangeAsync(offset, cancellationToken).ConfigureAwait(false);
                bytes = WholeSegments(offset, change, length, SharedBytes(baseMap, length));
            }

            if (bytes == 0)
            {
                var data = await reader.FindDataAsync(offset, cancellationToken).ConfigureAwait(false);
                (origin, bytes) = (SegmentOrigin.Zero, WholeSegments(offset, data, length, length));
            }

            if (bytes == 0)
            {
                break;
            }

            var run = Task.FromResult(ImportedSegment.OfRun(origin, bytes, segmentSizeBytes));
            await _channel.Writer.WriteAsync(run, cancellationToken).ConfigureAwait(false);
            offset += bytes;
        }

        return offset;
    }

    /// <summary>Front part of the image whose segments are as long as the base's.</summary>
    private long SharedBytes(SegmentMap map, long length) => map.SizeBytes == length
        ? length
        : Math.Min(map.SizeBytes, length) / segmentSizeBytes * segmentSizeBytes;

    /// <summary>
    /// Bytes of the segments from <paramref name="offset"/> that lie before <paramref name="until"/> as a whole, and
    /// before <paramref name="limit"/>; the last one of the image may be short.
    /// </summary>
    private long WholeSegments(long offset, long until, long length, long limit)
    {
        var end = until >= length ? length : until / segmentSizeBytes * segmentSizeBytes;
        return Math.Max(0, Math.Min(end, limit) - offset);
    }

    private void VerifyLength(long offset)
    {
        if (reader.LengthBytes is { } length && offset < length)
        {
            throw new ImageCenterException(
                ImageErrorCode.Truncated,
                $"The content ends after {offset} of the {length} bytes that were announced.");
        }
    }

    private async ValueTask VerifyEndAsync(long offset, CancellationToken cancellationToken)
    {
        var more = await reader.ReadAsync(offset, new byte[1], cancellationToken).ConfigureAwait(false);
        if (more != 0)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest, $"The content is longer than the {offset} bytes that were announced.");
        }
    }

    private ImportedSegment Hash(byte[] buffer, int length)
    {
        var bytes = buffer.AsMemory(0, length);
        if (ZeroDetector.IsZero(bytes.Span))
        {
            _idle.Add(buffer);
            return ImportedSegment.OfRun(SegmentOrigin.Zero, length, segmentSizeBytes);
        }

        return ImportedSegment.OfData(bytes, Digest.Compute(bytes.Span));
    }

    private void Recycle(in ImportedSegment segment)
    {
        if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(segment.Data, out var array)
            && array.Array is { Length: > 0 } buffer)
        {
            _idle.Add(buffer);
        }
    }
}
