using System.Buffers.Binary;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Testing;

/// <summary>
/// Not a cipher, but as good for tests of who encrypts what where: each sector and seed gives other bytes.
/// </summary>
public sealed class ScrambleCipher(ulong seed) : ISectorCipher
{
    private bool _isDisposed;

    public int SectorBytes => 4096;

    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector) =>
        Scramble(plaintext, ciphertext, firstSector);

    public void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector) =>
        Scramble(ciphertext, plaintext, firstSector);

    public void Dispose() => _isDisposed = true;

    private void Scramble(ReadOnlySpan<byte> from, Span<byte> to, long firstSector)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (from.Length % SectorBytes != 0 || to.Length != from.Length)
        {
            throw new ArgumentException($"{from.Length} bytes into {to.Length} are not whole sectors.");
        }

        for (var at = 0; at < from.Length; at += sizeof(ulong))
        {
            var mask = (seed + (ulong)(firstSector * SectorBytes) + (ulong)at) * 0x9E3779B97F4A7C15;
            var value = BinaryPrimitives.ReadUInt64LittleEndian(from[at..]);
            BinaryPrimitives.WriteUInt64LittleEndian(to[at..], value ^ (mask ^ (mask >> 29)));
        }
    }
}
