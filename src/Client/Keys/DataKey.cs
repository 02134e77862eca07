using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>A data key in use, until it is revoked; shared by all disks under it. Thread-safe.</summary>
/// <param name="key">Its name and id.</param>
/// <param name="cipher">The cipher with its key, disposed with this.</param>
public sealed class DataKey(KeyRef key, ISectorCipher cipher) : ISectorCipher
{
    // Never disposed: it has neither timer nor wait handle, and disks may ask for its token at any time.
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Its name and id.</summary>
    public KeyRef Ref => key;

    /// <summary>Bytes that are encrypted together.</summary>
    public int SectorBytes => cipher.SectorBytes;

    /// <summary>Whether it was revoked or given up.</summary>
    public bool IsGone => _gone.IsCancellationRequested;

    /// <summary>Cancelled when it is gone.</summary>
    public CancellationToken Gone => _gone.Token;

    /// <summary>Encrypts whole sectors; see <see cref="ISectorCipher.Encrypt"/>.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>.</exception>
    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector)
    {
        try
        {
            cipher.Encrypt(plaintext, ciphertext, firstSector);
        }
        catch (ObjectDisposedException error)
        {
            throw GoneError(error);
        }
    }

    /// <summary>Decrypts whole sectors; see <see cref="ISectorCipher.Decrypt"/>.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>.</exception>
    public void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector)
    {
        try
        {
            cipher.Decrypt(ciphertext, plaintext, firstSector);
        }
        catch (ObjectDisposedException error)
        {
            throw GoneError(error);
        }
    }

    /// <summary>Decrypts whole sectors in place; see <see cref="SparseSectors"/> on holes.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>.</exception>
    public void DecryptSparse(Span<byte> sectors, long firstSector) =>
        SparseSectors.Decrypt(this, sectors, sectors, firstSector);

    /// <summary>Zeroises the key; what still asks for it fails.</summary>
    public void Dispose()
    {
        cipher.Dispose();
        _gone.Cancel();
    }

    private SnapshotGrainsException GoneError(Exception error) =>
        new(ErrorCode.KeyUnavailable, $"Key '{key.Name}' was revoked or is not there any more.", error);
}
