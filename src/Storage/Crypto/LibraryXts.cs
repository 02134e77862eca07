using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    private const int PieceBytes = 64 * 1024;
    private const int PieceSectors = PieceBytes / AesXts.SmallestSectorBytes;

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

    private static void Transform(Cipher cipher, byte* prepared, byte* source, byte* destination, in SectorRun run)
    {
        using var data = Create(new(prepared, AesXts.KeyBytes / 2));
        using var tweak = Create(new(prepared + (AesXts.KeyBytes / 2), AesXts.KeyBytes / 2));
        using var rented = NativeBufferPool.Shared.Rent(PieceBytes);
        for (var done = 0; done < run.Count; done += PieceBytes / run.SectorBytes)
        {
            var piece = run with
            {
                First = run.First + done,
                Count = Math.Min(PieceBytes / run.SectorBytes, run.Count - done),
            };
            var tweaks = rented.GetSpan()[..(piece.Count * run.SectorBytes)];
            FillTweaks(tweak, piece, MemoryMarshal.Cast<byte, Vector128<byte>>(tweaks));
            var target = new Span<byte>(destination + ((long)done * run.SectorBytes), tweaks.Length);
            Combine(new(source + ((long)done * run.SectorBytes), tweaks.Length), tweaks, target);
            cipher(data, target, target);
            Combine(target, tweaks, target);
        }
    }

    private static Aes Create(ReadOnlySpan<byte> key)
    {
        var aes = Aes.Create();
        aes.SetKey(key);
        return aes;
    }

    [SkipLocalsInit]
    private static void FillTweaks(Aes aes, in SectorRun run, Span<Vector128<byte>> tweaks)
    {
        var first = (stackalloc Vector128<byte>[PieceSectors])[..run.Count];
        for (var i = 0; i < first.Length; i++)
        {
            first[i] = Vector128.Create((ulong)run.First + (ulong)i, 0).AsByte();
        }

        var numbers = MemoryMarshal.AsBytes(first);
        aes.EncryptEcb(numbers, numbers, PaddingMode.None);
        var blocks = run.SectorBytes / BlockBytes;
        for (var i = 0; i < tweaks.Length; i++)
        {
            tweaks[i] = i % blocks == 0 ? first[i / blocks] : XtsTweak.Next(tweaks[i - 1]);
        }
    }

    private static void Combine(ReadOnlySpan<byte> source, ReadOnlySpan<byte> tweaks, Span<byte> target)
    {
        for (var i = 0; i < source.Length; i += BlockBytes)
        {
            (Vector128.Create(source[i..]) ^ Vector128.Create(tweaks[i..])).CopyTo(target[i..]);
        }
    }
}
