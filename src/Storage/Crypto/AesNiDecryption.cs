using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SnapshotGrains.Storage;

/// <summary>The inverse cipher by AESDEC.</summary>
internal readonly struct AesNiDecryption : IAesDirection
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Round(Vector128<byte> block, Vector128<byte> key) => Aes.Decrypt(block, key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Last(Vector128<byte> block, Vector128<byte> key) => Aes.DecryptLast(block, key);
}
