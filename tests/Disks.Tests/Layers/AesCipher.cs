using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>AES-256-XTS under a key that follows from a number.</summary>
internal sealed class AesCipher(int key) : ISectorCipher
{
    private readonly AesXts _xts = new(KeyOf(key));

    public int SectorBytes => _xts.SectorBytes;

    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector) =>
        _xts.Encrypt(plaintext, ciphertext, firstSector);

    public void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector) =>
        _xts.Decrypt(ciphertext, plaintext, firstSector);

    public void Dispose() => _xts.Dispose();

    private static byte[] KeyOf(int key)
    {
        var bytes = new byte[AesXts.KeyBytes];
        new Random(key).NextBytes(bytes);
        return bytes;
    }
}
