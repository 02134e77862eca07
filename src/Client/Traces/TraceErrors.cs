namespace SnapshotGrains.Client;

/// <summary>What goes wrong with traces.</summary>
public static class TraceErrors
{
    /// <summary>There is no trace of that name.</summary>
    public static SnapshotGrainsException NoSuchTrace(TraceName name) => new(
        ErrorCode.NotFound,
        $"Snapshot {name.Snapshot} has no trace of profile '{name.Profile}'; its clones record one when they are "
        + $"used, and 'snapgrains trace show {name.Snapshot}' shows what there is.");
}
