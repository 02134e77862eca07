using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// XTS by the base class library's AES in ECB mode, a piece at a time: exclusive-or the tweaks, one bulk call,
/// exclusive-or again. Each call makes its own cipher objects, because the library's are not safe to share.
/// </summary>
internal sealed unsafe class LibraryXts : IXtsPath
{
    private const int BlockBytes = 16;
    private const int PieceBlocks = 256;

    private delegate int Cipher(Aes data, ReadOnlySpan<byte> source, Span<byte> destination);

    public int PreparedBytes => AesXts.KeyBytes;

    private static Cipher Encrypting { get; } = (data, source, destination) =>
        data.EncryptEcb(source, destination, PaddingMode.None);

    private static Cipher Decrypting { get; } = (data, source, destination) =>
        data.DecryptEcb(source, destination, PaddingMode.None);

    public void Prepare(ReadOnlySpan<byte> key, Span<byte> prepared) => key.CopyTo(prepared);

    public void Encrypt(byte* prepared, byte* source, byte* destination, in SectorRun run) =>
        Transform(Encrypting, prepared, source, destination, run);

    public void Decrypt(byte* prepared, byte* source, byte* destination, in SectorRun run) =>
        Transform(Decrypting, prepared, source, destination, run);

    [SkipLocalsInit]
    private static void Transform(Cipher cipher, byte* prepared, byte* source, byte* destination, in SectorRun run)
    {
        using var data = Create(new(prepared, AesXts.KeyBytes / 2));
        using var tweak = Create(new(prepared + (AesXts.KeyBytes / 2), AesXts.KeyBytes / 2));
        Span<Vector128<byte>> numbers = stackalloc Vector128<byte>[PieceBlocks];
        for (var done = 0; done < run.Count; done += PieceBlocks)
        {
            var some = numbers[..Math.Min(PieceBlocks, run.Count - done)];
            EncryptNumbers(tweak, run.First + done, some);
            foreach (var first in some)
            {
                TransformSector(cipher, data, first, source, destination, run.SectorBytes / BlockBytes);
                source += run.SectorBytes;
                destination += run.SectorBytes;
            }
        }
    }

    private static Aes Create(ReadOnlySpan<byte> key)
    {
        var aes = Aes.Create();
        aes.SetKey(key);
        return aes;
    }

    private static void EncryptNumbers(Aes tweak, long number, Span<Vector128<byte>> tweaks)
    {
        for (var i = 0; i < tweaks.Length; i++)
        {
            tweaks[i] = Number((ulong)number + (ulong)i);
        }

        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(tweaks);
        tweak.EncryptEcb(bytes, bytes, PaddingMode.None);
    }

    [SkipLocalsInit]
    private static void TransformSector(
        Cipher cipher, Aes data, Vector128<byte> tweak, byte* source, byte* destination, int blocks)
    {
        var tweaks = stackalloc Vector128<byte>[PieceBlocks];
        for (var done = 0; done < blocks; done += PieceBlocks)
        {
            var count = Math.Min(PieceBlocks, blocks - done);
            for (var i = 0; i < count; i++)
            {
                tweaks[i] = tweak;
                tweak = XtsTweak.Next(tweak);
            }

            var target = (Vector128<byte>*)destination + done;
            Combine((Vector128<byte>*)source + done, tweaks, target, count);
            var bytes = new Span<byte>(target, count * BlockBytes);
            cipher(data, bytes, bytes);
            Combine(target, tweaks, target, count);
        }
    }

    private static void Combine(Vector128<byte>* source, Vector128<byte>* tweaks, Vector128<byte>* target, int count)
    {
        for (var i = 0; i < count; i++)
        {
            target[i] = source[i] ^ tweaks[i];
        }
    }

    private static Vector128<byte> Number(ulong number) => Vector128.Create(number, 0).AsByte();
}
