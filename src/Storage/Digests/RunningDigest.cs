using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// The <see cref="Digest"/> of content that comes piece by piece: what is there is hashed while the rest is still to
/// come. One writer at a time.
/// </summary>
public sealed class RunningDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds the piece that follows those before it.</summary>
    public void Append(ReadOnlySpan<byte> piece) => _hash.AppendData(piece);

    /// <summary>The digest of all pieces; the next piece begins another content.</summary>
    public Digest Finish()
    {
        Span<byte> hash = stackalloc byte[Digest.SizeBytes];
        _hash.GetHashAndReset(hash);
        return Digest.FromBytes(hash);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
