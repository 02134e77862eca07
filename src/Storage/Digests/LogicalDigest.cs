using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// One digest of all of a snapshot's bytes: SHA-256 over the digests of its segments in their order, 32 zero bytes for
/// each that is all zero.
/// </summary>
public sealed class LogicalDigest : IDisposable
{
    private static readonly byte[] Zero = new byte[Digest.SizeBytes];

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Of the segments that a map names.</summary>
    public static Digest Of(SegmentMap map)
    {
        using var logical = new LogicalDigest();
        for (var n = 0L; n < map.SegmentCount; n++)
        {
            if (map.IsZero(n))
            {
                logical.AddZero();
            }
            else
            {
                logical.Add(map.DigestOf(n));
            }
        }

        return logical.Finish();
    }

    /// <summary>The next segment has data.</summary>
    public void Add(in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.SizeBytes];
        digest.CopyTo(bytes);
        _hash.AppendData(bytes);
    }

    /// <summary>The next segment is all zero.</summary>
    public void AddZero() => _hash.AppendData(Zero);

    /// <summary>The digest; begins anew.</summary>
    public Digest Finish() => Digest.FromBytes(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
