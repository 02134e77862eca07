using Microsoft.Extensions.Logging;

namespace SnapshotGrains.Grains.Batches;

/// <content>What a batch clone logs.</content>
internal sealed partial class BatchCloneGrain
{
    [LoggerMessage(1101, LogLevel.Warning, "Batch clone {Id} is held up, attempt {Attempt}")]
    private partial void LogHindered(string id, int attempt, Exception error);

    [LoggerMessage(1102, LogLevel.Warning, "Batch clone {Id} has ended and could not tell the catalog")]
    private partial void LogCatalogMissed(string id, Exception error);
}
