using System.Numerics;

namespace SnapshotGrains.Nbd;

/// <summary>Size constraints of an export (proto.md, "Size constraints"), all in bytes.</summary>
/// <param name="Minimum">Alignment and unit of requests; a power of two, at most 64 KiB.</param>
/// <param name="Preferred">What is served without read-modify-write; a power of two, at least 512.</param>
/// <param name="MaximumPayload">The largest READ or WRITE; at most <see cref="NbdLimits.MaxPayloadBytes"/>.</param>
public readonly record struct NbdBlockSizes(uint Minimum, uint Preferred, uint MaximumPayload)
{
    /// <summary>1 byte, 4 KiB, 32 MiB: what a client may assume when nothing is advertised.</summary>
    public static NbdBlockSizes Default { get; } = new(1, 4096, NbdLimits.MaxPayloadBytes);

    internal void Validate()
    {
        if (!BitOperations.IsPow2(Minimum) || Minimum > 65536)
        {
            throw Invalid(nameof(Minimum), Minimum, "a power of two from 1 to 65536");
        }

        if (!BitOperations.IsPow2(Preferred) || Preferred < Math.Max(Minimum, 512))
        {
            throw Invalid(nameof(Preferred), Preferred, "a power of two from max(512, minimum)");
        }

        if (MaximumPayload < Preferred || MaximumPayload > NbdLimits.MaxPayloadBytes)
        {
            throw Invalid(nameof(MaximumPayload), MaximumPayload, $"from preferred to {NbdLimits.MaxPayloadBytes}");
        }
    }

    private static NbdException Invalid(string what, uint value, string allowed) =>
        new(NbdError.InvalidArgument, $"Block size {what} is {value}; it must be {allowed}.");
}
