using System.Buffers.Binary;
using System.Net.Http.Headers;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Headers of the requests for segments and their maps, and of the answers.</summary>
public static class SegmentHeaders
{
    /// <summary>The key that a snapshot's segments are encrypted under, as <see cref="KeyRef"/> writes it.</summary>
    public const string Key = "SnapshotGrains-Key";

    /// <summary>SHA-256 of a segment's bytes (RFC 9530): a derived segment is not named by it.</summary>
    public const string Digest = "Repr-Digest";

    /// <summary>CRC-32C of the bytes that this answer carries (RFC 9530).</summary>
    public const string Checksum = "Content-Digest";

    /// <summary>Name of the silo that holds the segment, in an answer that sends the reader there.</summary>
    public const string Owner = "SnapshotGrains-Owner";

    /// <summary>
    /// Names of silos, separated by commas, that the reader found dead: the silo that would own the segment without
    /// them takes it over at once, before the cluster has noticed.
    /// </summary>
    public const string InsteadOf = "SnapshotGrains-Instead-Of";

    /// <summary>
    /// Name of a silo: an answer that sends the reader elsewhere for a copy of what that silo has, and the reader's
    /// request for one.
    /// </summary>
    public const string CopyOf = "SnapshotGrains-Copy-Of";

    /// <summary>
    /// Says <see cref="SiloReader"/> if a silo's process asks: its cache is where copies are, so it gets the segment
    /// itself.
    /// </summary>
    public const string Reader = "SnapshotGrains-Reader";

    /// <summary>The value of <see cref="Reader"/>.</summary>
    public const string SiloReader = "silo";

    /// <summary>Why the reader asks, if nobody waits: <c>trace</c>, <c>background</c> or <c>guess</c>.</summary>
    public const string Priority = "SnapshotGrains-Priority";

    private const string Trace = "trace";
    private const string Background = "background";
    private const string Guess = "guess";
    private const string Sha256Prefix = "sha-256=:";
    private const string Crc32CPrefix = "crc32c=:";

    /// <summary>The value of <see cref="Digest"/>.</summary>
    public static string Write(Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Storage.Digest.SizeBytes];
        digest.CopyTo(bytes);
        return $"{Sha256Prefix}{Convert.ToBase64String(bytes)}:";
    }

    /// <summary>The value of <see cref="Checksum"/>.</summary>
    public static string Write(uint checksum)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, checksum);
        return $"{Crc32CPrefix}{Convert.ToBase64String(bytes)}:";
    }

    /// <summary>The value of <see cref="Priority"/>.</summary>
    public static string Write(FetchPriority priority) => priority switch
    {
        FetchPriority.Trace => Trace,
        FetchPriority.Guess => Guess,
        _ => Background,
    };

    /// <summary>The priority that a request has; what says nothing, or nothing that is known, is a demand.</summary>
    public static FetchPriority ReadPriority(string? value) => value switch
    {
        Trace => FetchPriority.Trace,
        Background => FetchPriority.Background,
        Guess => FetchPriority.Guess,
        _ => FetchPriority.Demand,
    };

    /// <summary>The checksum that an answer's bytes must have.</summary>
    /// <exception cref="SnapshotGrainsException">It has none; <see cref="ErrorCode.Internal"/>.</exception>
    internal static uint ReadChecksum(HttpResponseHeaders headers)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        return headers.TryGetValues(Checksum, out var values) && values.First() is var text
            && text.StartsWith(Crc32CPrefix, StringComparison.Ordinal) && text.EndsWith(':')
            && Convert.TryFromBase64String(text[Crc32CPrefix.Length..^1], bytes, out var length)
            && length == bytes.Length
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new SnapshotGrainsException(
                ErrorCode.Internal, $"The server sent a segment without the header {Checksum}: {Crc32CPrefix}…:.");
    }
}
