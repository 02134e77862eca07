using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SnapshotGrains.Storage;

/// <summary>Expands AES-256 keys (FIPS 197, 5.2) with the processor's help.</summary>
internal static unsafe class AesNiKeys
{
    public const int RoundKeys = 15;

    /// <summary>Writes the <see cref="RoundKeys"/> keys for encrypting.</summary>
    public static void ExpandForEncryption(ReadOnlySpan<byte> key, Vector128<byte>* keys)
    {
        keys[0] = Vector128.Create(key[..16]);
        keys[1] = Vector128.Create(key[16..]);
        for (var (i, constant) = (2, 1); i < RoundKeys; i++)
        {
            // Even keys take the rotated word and the round constant, odd keys the substituted word alone.
            var assist = Aes.KeygenAssist(keys[i - 1], 0).AsInt32();
            var word = i % 2 == 0
                ? Sse2.Shuffle(assist, 0xFF) ^ Vector128.Create(constant)
                : Sse2.Shuffle(assist, 0xAA);
            constant <<= 1 - (i % 2);
            keys[i] = Cascade(keys[i - 2]) ^ word.AsByte();
        }
    }

    /// <summary>Turns keys for encrypting into keys for the equivalent inverse cipher (FIPS 197, 5.3.5).</summary>
    public static void InvertForDecryption(Vector128<byte>* encrypting, Vector128<byte>* decrypting)
    {
        decrypting[0] = encrypting[RoundKeys - 1];
        for (var i = 1; i < RoundKeys - 1; i++)
        {
            decrypting[i] = Aes.InverseMixColumns(encrypting[RoundKeys - 1 - i]);
        }

        decrypting[RoundKeys - 1] = encrypting[0];
    }

    /// <summary>Each word becomes the sum of itself and those before it.</summary>
    private static Vector128<byte> Cascade(Vector128<byte> words)
    {
        words ^= Sse2.ShiftLeftLogical128BitLane(words, 4);
        return words ^ Sse2.ShiftLeftLogical128BitLane(words, 8);
    }
}
