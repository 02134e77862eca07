using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Replicas;

/// <summary>Waits for the build of a replica to end, and shows how far it is.</summary>
/// <param name="server">Where it is built.</param>
/// <param name="output">How to show it.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplicaWait(HttpControlPlane server, VerbOutput output, TimeProvider time)
{
    /// <summary>Waits until it is ready.</summary>
    /// <exception cref="SnapshotGrainsException">It has failed, or was removed meanwhile.</exception>
    public async Task<ReplicaInfo> RunAsync(ReplicaName replica, CancellationToken cancellationToken)
    {
        var end = await new WorkProgress(output, time).RunAsync(
            $"Building {ReplicaText.NameOf(replica)}",
            report => new Polling(server.Server, time).UntilAsync(
                ct => server.GetReplicaAsync(replica, ct),
                now =>
                {
                    report(ReplicaText.ProgressOf(now));
                    return now.State != ReplicaState.Building;
                },
                cancellationToken));
        return end.State == ReplicaState.Ready ? end : throw new SnapshotGrainsException(
            ErrorCode.Internal, $"The build of {ReplicaText.NameOf(replica)} has failed: {end.Problem}");
    }
}
