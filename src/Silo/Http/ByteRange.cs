using Microsoft.AspNetCore.Http.Headers;

namespace SnapshotGrains.Silo.Http;

/// <summary>The bytes that a request asks for (RFC 9110, section 14).</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="IsPart">Whether they were asked for as a part; else it is everything.</param>
internal readonly record struct ByteRange(long Offset, long Length, bool IsPart)
{
    /// <summary>Reads a request's range; null when none of its bytes exist.</summary>
    /// <exception cref="SnapshotGrainsException">It asks for several ranges.</exception>
    public static ByteRange? Of(RequestHeaders headers, long sizeBytes)
    {
        // As the RFC has it, a range that nobody understands is as good as none.
        if (headers.Range is not { Unit.Value: "bytes" } range)
        {
            return new ByteRange(0, sizeBytes, IsPart: false);
        }

        if (range.Ranges.Count != 1)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"{range.Ranges.Count} ranges in one request are too many; ask for one.");
        }

        var (from, to) = (range.Ranges.First().From, range.Ranges.First().To);
        var offset = from ?? Math.Max(0, sizeBytes - to!.Value);
        var end = from is null ? sizeBytes : Math.Min(sizeBytes, (to ?? long.MaxValue - 1) + 1);
        return end > offset ? new ByteRange(offset, end - offset, IsPart: true) : null;
    }
}
