using System.Security.Cryptography;
namespace SnapshotGrains.Storage;
public sealed class KeyEnvelopeException(string m) : Exception(m);
public static class KeyEnvelope { public const int KekBytes = 32;
 public static byte[] Wrap(SecretBytes kek, SecretBytes dek) { using var a = Aes.Create(); a.SetKey(kek.Span); return a.EncryptKeyWrapPadded(dek.Span); }
 public static SecretBytes Unwrap(SecretBytes kek, ReadOnlySpan<byte> e) { try { using var a = Aes.Create(); a.SetKey(kek.Span); return SecretBytes.CopyOf(a.DecryptKeyWrapPadded(e)); } catch (CryptographicException x) { throw new KeyEnvelopeException(x.Message); } }
 public static string IdOf(SecretBytes kek) => Convert.ToHexStringLower(SHA256.HashData([1, .. kek.Span]))[..16]; }
