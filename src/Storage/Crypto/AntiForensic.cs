using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// The anti-forensic splitter of LUKS1 (on-disk format 1.2.3, section 2.4) with SHA-256: inflates a key to stripes of
/// which all are needed, so that losing any part of a slot destroys it.
/// </summary>
internal static class AntiForensic
{
    private const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>Fills <paramref name="stripes"/>, a multiple of the key's length.</summary>
    public static void Split(ReadOnlySpan<byte> key, Span<byte> stripes)
    {
        using var folded = new SecretBytes(key.Length);
        var random = stripes[..^key.Length];
        RandomNumberGenerator.Fill(random);
        Fold(random, folded.Span);
        Combine(folded.Span, key, stripes[^key.Length..]);
    }

    /// <summary>Gives back the key that was split.</summary>
    public static void Merge(ReadOnlySpan<byte> stripes, Span<byte> key)
    {
        key.Clear();
        Fold(stripes[..^key.Length], key);
        Combine(key, stripes[^key.Length..], key);
    }

    private static void Fold(ReadOnlySpan<byte> stripes, Span<byte> folded)
    {
        for (var at = 0; at < stripes.Length; at += folded.Length)
        {
            Combine(folded, stripes.Slice(at, folded.Length), folded);
            Diffuse(folded);
        }
    }

    /// <summary>Replaces each piece of a digest's length by the digest of its number and itself.</summary>
    private static void Diffuse(Span<byte> block)
    {
        Span<byte> numbered = stackalloc byte[sizeof(int) + HashBytes];
        Span<byte> hash = stackalloc byte[HashBytes];
        for (var (i, at) = (0, 0); at < block.Length; i++, at += HashBytes)
        {
            var piece = block[at..Math.Min(at + HashBytes, block.Length)];
            BinaryPrimitives.WriteInt32BigEndian(numbered, i);
            piece.CopyTo(numbered[sizeof(int)..]);
            SHA256.HashData(numbered[..(sizeof(int) + piece.Length)], hash);
            hash[..piece.Length].CopyTo(piece);
        }

        CryptographicOperations.ZeroMemory(numbered);
        CryptographicOperations.ZeroMemory(hash);
    }

    private static void Combine(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> result)
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(left[i] ^ right[i]);
        }
    }
}
