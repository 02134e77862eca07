namespace SnapshotGrains.Grains.Batches;

/// <summary>When a disk that is there stands in the way of a clone of its name.</summary>
internal static class NameConflict
{
    /// <summary>Why <paramref name="existing"/> is in the way; null when it is the clone that is wanted.</summary>
    public static string? ProblemOf(DiskInfo existing, SnapshotId wanted)
    {
        if (existing.Parent != wanted)
        {
            return $"Disk '{existing.Name}' exists already, as a clone of {existing.Parent}; choose another name.";
        }

        return existing.State == DiskState.Deleting
            ? $"Disk '{existing.Name}' is still being deleted; choose another name."
            : null;
    }
}
