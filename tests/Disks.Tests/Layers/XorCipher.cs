using System.Runtime.InteropServices;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Not a cipher to keep a secret with, but as particular about its key and its sectors as one.</summary>
internal sealed class XorCipher(ulong key) : ISectorCipher
{
    private volatile bool _isGone;

    public int SectorBytes => 4096;

    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector)
    {
        ObjectDisposedException.ThrowIf(_isGone, this);
        if (plaintext.Length % SectorBytes != 0)
        {
            throw new ArgumentException($"{plaintext.Length} bytes are not whole sectors.", nameof(plaintext));
        }

        var from = MemoryMarshal.Cast<byte, ulong>(plaintext);
        var to = MemoryMarshal.Cast<byte, ulong>(ciphertext);
        var word = (ulong)firstSector * (ulong)SectorBytes / sizeof(ulong);
        for (var i = 0; i < from.Length; i++)
        {
            var mixed = (key + word + (ulong)i) * 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
            to[i] = from[i] ^ mixed ^ (mixed >> 32);
        }
    }

    public void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector) =>
        Encrypt(ciphertext, plaintext, firstSector);

    public void Dispose() => _isGone = true;
}
