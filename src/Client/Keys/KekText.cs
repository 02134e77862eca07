using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>How a key-encryption key is written: as its 32 bytes, in hexadecimal digits, or in base64.</summary>
internal static class KekText
{
    /// <summary>No text of a key is longer.</summary>
    public const int MaxBytes = SecretSource.MaxBytes;

    /// <summary>The key, or null when <paramref name="bytes"/> are none.</summary>
    public static SecretBytes? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == KeyEnvelope.KekBytes)
        {
            return SecretBytes.CopyOf(bytes);
        }

        // Room for more than a key, so that a longer one is seen to be longer.
        Span<byte> key = stackalloc byte[MaxBytes];
        try
        {
            var text = bytes.Length > MaxBytes ? [] : bytes.TrimEnd(" \t\r\n"u8);
            return TryHex(text, key) || TryBase64(text, key) ? SecretBytes.CopyOf(key[..KeyEnvelope.KekBytes]) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static bool TryHex(ReadOnlySpan<byte> text, Span<byte> key) => text.Length == 2 * KeyEnvelope.KekBytes
        && Convert.FromHexString(text, key, out _, out var length) == OperationStatus.Done
        && length == KeyEnvelope.KekBytes;

    private static bool TryBase64(ReadOnlySpan<byte> text, Span<byte> key) =>
        Base64.DecodeFromUtf8(text, key, out _, out var length) == OperationStatus.Done
        && length == KeyEnvelope.KekBytes;
}
