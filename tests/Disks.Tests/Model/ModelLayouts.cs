namespace SnapshotGrains.Disks.Tests;

/// <summary>The stripe formats and keys that clones of the model are made of.</summary>
internal static class ModelLayouts
{
    private const int Kib = 1 << 10;

    private static readonly (int Segment, int Unit, int Count)[] Formats =
    [
        (64 * Kib, 4 * Kib, 3), (64 * Kib, 64 * Kib, 8), (128 * Kib, 16 * Kib, 2), (64 * Kib, 32 * Kib, 64),
    ];

    private static readonly string?[] Keys = [null, ReplicaId.NoKey, "a", "b"];

    /// <summary>Half of the clones are of what fits best, as most are.</summary>
    public static DiskLayout? Choose(Random random)
    {
        if (random.Next(2) == 0)
        {
            return null;
        }

        var key = Keys[random.Next(Keys.Length)];
        var (segment, unit, count) = Formats[random.Next(Formats.Length)];
        return random.Next(3) == 0 ? new DiskLayout(Key: key) : new DiskLayout(segment, unit, count, key);
    }
}
