using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Grains.Replicas;

/// <content>What the replica catalog logs.</content>
internal sealed partial class ReplicaCatalogGrain
{
    [LoggerMessage(
        1201, LogLevel.Warning,
        "{Silos} silos could not be told which replicas are kept; they ask within a minute, and delete later")]
    private partial void LogMissed(int silos);

    [LoggerMessage(1202, LogLevel.Information, "Replica {Replica} is forgotten: its snapshot is gone")]
    private partial void LogOrphan(ReplicaId replica);
}
