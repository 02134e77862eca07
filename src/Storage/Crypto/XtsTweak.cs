using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SnapshotGrains.Storage;

/// <summary>The arithmetic of tweaks: GF(2^128) modulo x^128 + x^7 + x^2 + x + 1 (IEEE 1619-2018, 5.2).</summary>
internal static class XtsTweak
{
    /// <summary>The tweak of the next block: multiplied by the primitive element x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Next(Vector128<byte> tweak)
    {
        // Each half doubles by itself; the bit that leaves the low half enters the high one, and the bit that leaves
        // the high half comes back as the polynomial. The shuffle brings either bit's dword to where it is wanted.
        var halves = tweak.AsUInt64();
        var leaving = Vector128.Shuffle(tweak.AsInt32(), Vector128.Create(3, 0, 1, 0)) >> 31;
        return ((halves + halves).AsInt32() ^ (leaving & Vector128.Create(0x87, 0, 1, 0))).AsByte();
    }
}
