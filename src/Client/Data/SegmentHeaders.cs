using System.Net.Http.Headers;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Headers of the answers that carry segments and their maps.</summary>
public static class SegmentHeaders
{
    /// <summary>The key that a snapshot's segments are encrypted under, as <see cref="KeyRef"/> writes it.</summary>
    public const string Key = "SnapshotGrains-Key";

    /// <summary>SHA-256 of a segment's bytes (RFC 9530): a derived segment is not named by it.</summary>
    public const string Digest = "Repr-Digest";

    private const string Prefix = "sha-256=:";

    /// <summary>The value of <see cref="Digest"/>.</summary>
    public static string Write(Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Storage.Digest.SizeBytes];
        digest.CopyTo(bytes);
        return $"{Prefix}{Convert.ToBase64String(bytes)}:";
    }

    /// <summary>The digest that an answer's bytes must have.</summary>
    /// <exception cref="SnapshotGrainsException">It has none; <see cref="ErrorCode.Internal"/>.</exception>
    internal static Digest ReadDigest(HttpResponseHeaders headers)
    {
        Span<byte> bytes = stackalloc byte[Storage.Digest.SizeBytes];
        return headers.TryGetValues(Digest, out var values) && values.First() is var text
            && text.StartsWith(Prefix, StringComparison.Ordinal) && text.EndsWith(':')
            && Convert.TryFromBase64String(text[Prefix.Length..^1], bytes, out var length) && length == bytes.Length
            ? Storage.Digest.FromBytes(bytes)
            : throw new SnapshotGrainsException(
                ErrorCode.Internal, $"The server sent a segment without the header {Digest}: {Prefix}…:.");
    }
}
