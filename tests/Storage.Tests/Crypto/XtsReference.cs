using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>XTS block by block as the standard words it, sharing nothing with the code under test.</summary>
internal static class XtsReference
{
    public static byte[] Encrypt(byte[] key, byte[] plaintext, int sectorBytes, long firstSector)
    {
        using var data = Create(key[..32]);
        using var tweak = Create(key[32..]);
        var ciphertext = new byte[plaintext.Length];
        UInt128 mask = 0;
        for (var at = 0; at < plaintext.Length; at += 16)
        {
            mask = at % sectorBytes == 0
                ? Block(tweak, (ulong)(firstSector + (at / sectorBytes)))
                : (mask << 1) ^ (mask >> 127 == 0 ? 0 : (UInt128)0x87);
            var block = BinaryPrimitives.ReadUInt128LittleEndian(plaintext.AsSpan(at));
            BinaryPrimitives.WriteUInt128LittleEndian(ciphertext.AsSpan(at), Block(data, block ^ mask) ^ mask);
        }

        return ciphertext;
    }

    private static UInt128 Block(Aes aes, UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        aes.EncryptEcb(bytes, bytes, PaddingMode.None);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    private static Aes Create(byte[] key)
    {
        var aes = Aes.Create();
        aes.Key = key;
        return aes;
    }
}
