namespace SnapshotGrains.Grains.Disks;

/// <summary>When a disk that is there stands in the way of a clone of its name.</summary>
internal static class NameConflict
{
    /// <summary>Why <paramref name="existing"/> is in the way; null when it is the clone that is wanted.</summary>
    /// <param name="existing">The disk of that name.</param>
    /// <param name="replica">The replica that is wanted.</param>
    /// <param name="key">The key that is wanted.</param>
    /// <param name="isAnyFormat">Whether the stripe format does not matter.</param>
    public static string? ProblemOf(DiskInfo existing, ReplicaId replica, KeyRef? key, bool isAnyFormat)
    {
        var problem = existing switch
        {
            _ when existing.Parent != replica.Snapshot => $"exists already, as a clone of {existing.Parent}",
            _ when existing.Key != key => $"exists already, {Under(existing.Key)}",
            _ when !isAnyFormat && existing.Format != replica.Format =>
                $"exists already, in stripe format {existing.Format?.ToString() ?? "of the snapshot"}",
            { State: DiskState.Deleting } => "is still being deleted",
            _ => null,
        };
        return problem is null ? null : $"Disk '{existing.Name}' {problem}; choose another name.";
    }

    private static string Under(KeyRef? key) => key is null ? "under no key" : $"under key '{key.Name}'";
}
