using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// A data key wrapped under a key-encryption key (KEK): AES key wrap with padding, RFC 5649, which is KWP of NIST
/// SP 800-38F. Deterministic and authenticated; safe to store anywhere.
/// </summary>
public static class KeyEnvelope
{
    /// <summary>Bytes of a key-encryption key.</summary>
    public const int KekBytes = 32;

    private const int SemiblockBytes = 8;
    private const int SmallestBytes = 2 * SemiblockBytes;
    private const int LargestBytes = 4096 + SemiblockBytes;
    private const int IdBytes = 8;

    private static ReadOnlySpan<byte> IdDomain => "SnapshotGrains key-encryption key id 1\0"u8;

    /// <summary>Wraps a key of up to 4,096 bytes; the envelope is 8 to 15 bytes longer.</summary>
    /// <exception cref="ArgumentException">The KEK is not <see cref="KekBytes"/> long, or the key too long.</exception>
    /// <exception cref="ObjectDisposedException">A secret is disposed.</exception>
    public static byte[] Wrap(SecretBytes kek, SecretBytes dek)
    {
        using var aes = Cipher(kek);
        using var use = dek.Use();
        return use.Length <= LargestBytes - SemiblockBytes
            ? aes.EncryptKeyWrapPadded(use.Span)
            : throw new ArgumentException($"A key of {use.Length} bytes is too long to wrap.", nameof(dek));
    }

    /// <summary>Unwraps a key.</summary>
    /// <exception cref="KeyEnvelopeException">The envelope is malformed, altered, or of another KEK.</exception>
    /// <exception cref="ArgumentException">The KEK is not <see cref="KekBytes"/> long.</exception>
    /// <exception cref="ObjectDisposedException">The KEK is disposed.</exception>
    public static SecretBytes Unwrap(SecretBytes kek, ReadOnlySpan<byte> envelope)
    {
        using var aes = Cipher(kek);
        if (envelope.Length is < SmallestBytes or > LargestBytes || envelope.Length % SemiblockBytes != 0)
        {
            throw new KeyEnvelopeException(KeyEnvelopeFault.Malformed, IdOf(kek),
                $"{envelope.Length} bytes are no key envelope: it is truncated or not the right file.");
        }

        using var padded = new SecretBytes(envelope.Length - SemiblockBytes);
        try
        {
            return SecretBytes.CopyOf(padded.Span[..aes.DecryptKeyWrapPadded(envelope, padded.Span)]);
        }
        catch (CryptographicException e)
        {
            var id = IdOf(kek);
            throw new KeyEnvelopeException(KeyEnvelopeFault.NotOpened, id, $"The key envelope does not open under "
                + $"KEK {id}: it was wrapped under another one or altered. Give its KEK, or restore it.", e);
        }
    }

    /// <summary>
    /// Names a KEK by 16 hexadecimal digits: the start of SHA-256 over a prefix of its own and the KEK, so that the
    /// name tells nothing that helps elsewhere.
    /// </summary>
    /// <exception cref="ArgumentException">The KEK is not <see cref="KekBytes"/> long.</exception>
    /// <exception cref="ObjectDisposedException">The KEK is disposed.</exception>
    public static string IdOf(SecretBytes kek)
    {
        CheckLength(kek);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var use = kek.Use();
        hash.AppendData(IdDomain);
        hash.AppendData(use.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, IdBytes));
    }

    private static Aes Cipher(SecretBytes kek)
    {
        CheckLength(kek);
        using var use = kek.Use();
        var aes = Aes.Create();
        aes.SetKey(use.Span);
        return aes;
    }

    private static void CheckLength(SecretBytes kek) =>
        ArgumentOutOfRangeException.ThrowIfNotEqual(kek.Length, KekBytes, nameof(kek));
}
