using SnapshotGrains.Cli.Output;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Replicas;

/// <summary>How derived replicas are shown.</summary>
internal static class ReplicaTable
{
    /// <summary>A row per replica.</summary>
    public static Table<ReplicaInfo> Create() => new Table<ReplicaInfo>(ReplicaText.NameOf)
        .Text("BUILD", ReplicaText.BuildOf)
        .Text("STATE", ReplicaText.StateOf)
        .Figure("KEPT", replica => replica.IsKept ? Shares.Percent(replica.BuiltSegments, replica.Segments) : "-")
        .Figure("ON DISK", replica => ByteSize.Approximate(replica.BuiltBytes))
        .Figure("CACHED", replica => Shares.Percent(replica.ResidentSegments, replica.Segments))
        .Text("CREATED", replica => Times.Format(replica.CreatedAt));

    /// <summary>A line per fact of one.</summary>
    public static IReadOnlyList<Fact> Facts(ReplicaInfo replica)
    {
        var name = ReplicaName.Of(replica.Id);
        return
        [
            new("Snapshot", name.Snapshot.ToString()),
            new("Stripe format", ReplicaText.FormatOf(name.Format)),
            new("Key", name.Key),
            new("Build", ReplicaText.BuildOf(replica)),
            new("Kept on disk", replica.IsKept ? "yes" : "no"),
            new("State", ReplicaText.StateOf(replica)),
            new("Segments", Shares.Count(replica.Segments)),
            new("On disk", $"{Shares.Count(replica.BuiltSegments)} ({ByteSize.Approximate(replica.BuiltBytes)})"),
            new("In caches", Shares.Count(replica.ResidentSegments)),
            .. replica.State == ReplicaState.Building
                ? [new Fact("Progress", ReplicaText.ProgressOf(replica).Text)] : Array.Empty<Fact>(),
            .. replica.LogicalDigest is { } digest ? [new Fact("Logical digest", digest)] : Array.Empty<Fact>(),
            .. replica.Problem is { } problem ? [new Fact("Problem", problem)] : Array.Empty<Fact>(),
            new("Created", Times.Format(replica.CreatedAt)),
        ];
    }
}
