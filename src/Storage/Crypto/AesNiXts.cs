using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SnapshotGrains.Storage;

/// <summary>
/// XTS by x86 AES instructions. A round has a latency of three or four cycles and one or two start in each, so eight
/// independent blocks keep the unit busy; the tweaks of eight sectors are encrypted at once for the same reason.
/// </summary>
internal sealed unsafe class AesNiXts : IXtsPath
{
    private const int Lanes = 8;
    private const int BlockBytes = 16;
    private const int Rounds = AesNiKeys.RoundKeys - 1;

    public static bool IsSupported => Aes.IsSupported;

    /// <summary>Data keys for encrypting, for decrypting, then tweak keys.</summary>
    public int PreparedBytes => 3 * AesNiKeys.RoundKeys * BlockBytes;

    public void Prepare(ReadOnlySpan<byte> key, Span<byte> prepared)
    {
        fixed (byte* target = prepared)
        {
            var encrypting = (Vector128<byte>*)target;
            AesNiKeys.ExpandForEncryption(key[..32], encrypting);
            AesNiKeys.InvertForDecryption(encrypting, encrypting + AesNiKeys.RoundKeys);
            AesNiKeys.ExpandForEncryption(key[32..], TweakKeys(target));
        }
    }

    public void Encrypt(byte* prepared, byte* source, byte* destination, in SectorRun run) =>
        Transform<AesNiEncryption>((Vector128<byte>*)prepared, TweakKeys(prepared),
            (Vector128<byte>*)source, (Vector128<byte>*)destination, run);

    public void Decrypt(byte* prepared, byte* source, byte* destination, in SectorRun run) =>
        Transform<AesNiDecryption>((Vector128<byte>*)prepared + AesNiKeys.RoundKeys, TweakKeys(prepared),
            (Vector128<byte>*)source, (Vector128<byte>*)destination, run);

    private static Vector128<byte>* TweakKeys(byte* prepared) =>
        (Vector128<byte>*)prepared + (2 * AesNiKeys.RoundKeys);

    [SkipLocalsInit]
    private static void Transform<TDirection>(Vector128<byte>* keys, Vector128<byte>* tweakKeys,
        Vector128<byte>* source, Vector128<byte>* destination, in SectorRun run)
        where TDirection : struct, IAesDirection
    {
        var first = stackalloc Vector128<byte>[Lanes];
        var blocks = run.SectorBytes / BlockBytes;
        for (var i = 0; i < run.Count; i++, source += blocks, destination += blocks)
        {
            if (i % Lanes == 0)
            {
                EncryptNumbers(tweakKeys, run.First + i, first);
            }

            TransformSector<TDirection>(keys, first[i % Lanes], source, destination, blocks);
        }
    }

    /// <summary>The first tweaks of eight sectors: their numbers, encrypted.</summary>
    [SkipLocalsInit]
    private static void EncryptNumbers(Vector128<byte>* keys, long number, Vector128<byte>* tweaks)
    {
        var zeros = stackalloc Vector128<byte>[Lanes];
        for (var i = 0; i < Lanes; i++)
        {
            zeros[i] = Vector128<byte>.Zero;
            tweaks[i] = Vector128.Create((ulong)number + (ulong)i, 0).AsByte();
        }

        TransformLanes<AesNiEncryption>(keys, zeros, tweaks, tweaks);
    }

    [SkipLocalsInit]
    private static void TransformSector<TDirection>(Vector128<byte>* keys, Vector128<byte> tweak,
        Vector128<byte>* source, Vector128<byte>* destination, int blocks)
        where TDirection : struct, IAesDirection
    {
        var tweaks = stackalloc Vector128<byte>[Lanes];
        for (var i = 0; i < blocks; i += Lanes)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                tweaks[lane] = tweak;
                tweak = XtsTweak.Next(tweak);
            }

            TransformLanes<TDirection>(keys, tweaks, source + i, destination + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformLanes<TDirection>(Vector128<byte>* keys, Vector128<byte>* tweaks,
        Vector128<byte>* source, Vector128<byte>* destination)
        where TDirection : struct, IAesDirection
    {
        var key = keys[0];
        var b0 = source[0] ^ tweaks[0] ^ key;
        var b1 = source[1] ^ tweaks[1] ^ key;
        var b2 = source[2] ^ tweaks[2] ^ key;
        var b3 = source[3] ^ tweaks[3] ^ key;
        var b4 = source[4] ^ tweaks[4] ^ key;
        var b5 = source[5] ^ tweaks[5] ^ key;
        var b6 = source[6] ^ tweaks[6] ^ key;
        var b7 = source[7] ^ tweaks[7] ^ key;
        for (var round = 1; round < Rounds; round++)
        {
            key = keys[round];
            b0 = TDirection.Round(b0, key);
            b1 = TDirection.Round(b1, key);
            b2 = TDirection.Round(b2, key);
            b3 = TDirection.Round(b3, key);
            b4 = TDirection.Round(b4, key);
            b5 = TDirection.Round(b5, key);
            b6 = TDirection.Round(b6, key);
            b7 = TDirection.Round(b7, key);
        }

        key = keys[Rounds];
        destination[0] = TDirection.Last(b0, key ^ tweaks[0]);
        destination[1] = TDirection.Last(b1, key ^ tweaks[1]);
        destination[2] = TDirection.Last(b2, key ^ tweaks[2]);
        destination[3] = TDirection.Last(b3, key ^ tweaks[3]);
        destination[4] = TDirection.Last(b4, key ^ tweaks[4]);
        destination[5] = TDirection.Last(b5, key ^ tweaks[5]);
        destination[6] = TDirection.Last(b6, key ^ tweaks[6]);
        destination[7] = TDirection.Last(b7, key ^ tweaks[7]);
    }
}
