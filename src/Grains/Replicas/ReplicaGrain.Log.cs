using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Grains.Replicas;

/// <content>What a replica logs.</content>
internal sealed partial class ReplicaGrain
{
    [LoggerMessage(1211, LogLevel.Information, "Replica {Replica} is built and holds its snapshot: {Digest}")]
    private partial void LogReady(ReplicaId replica, string digest);

    [LoggerMessage(1212, LogLevel.Error, "The build of replica {Replica} was given up: {Why}")]
    private partial void LogFailed(ReplicaId replica, string why);

    [LoggerMessage(1213, LogLevel.Warning, "The build of replica {Replica} is held up, attempt {Attempt}")]
    private partial void LogHindered(ReplicaId replica, int attempt, Exception error);
}
