namespace SnapshotGrains.Storage;

/// <summary>Encrypts sector by sector: the same length, and each sector by itself. Thread-safe.</summary>
public interface ISectorCipher : IDisposable
{
    /// <summary>Size of a sector, in bytes.</summary>
    int SectorBytes { get; }

    /// <summary>Encrypts whole sectors.</summary>
    /// <param name="plaintext">A multiple of the sector size.</param>
    /// <param name="ciphertext">As long; the same memory or other memory, no overlap between.</param>
    /// <param name="firstSector">Number of the first sector.</param>
    /// <exception cref="ObjectDisposedException">The key is gone.</exception>
    void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector);

    /// <summary>Decrypts whole sectors; parameters as for <see cref="Encrypt"/>.</summary>
    /// <exception cref="ObjectDisposedException">The key is gone.</exception>
    void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector);
}
