using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Batches;

/// <summary>Reads what became of an operation's disks.</summary>
internal static class BatchReader
{
    private const int PageSize = 1000;

    /// <summary>The operation with those of its disks that could not be created.</summary>
    public static async Task<BatchReport> ReportAsync(
        HttpControlPlane server, BatchClone batch, CancellationToken cancellationToken)
    {
        var failures = new List<BatchCloneResult>();
        for (var first = 0; batch.Failed > 0 && first < batch.Total; first += PageSize)
        {
            var page = await server.ListBatchCloneResultsAsync(batch.Id, first, PageSize, cancellationToken);
            failures.AddRange(page.Where(result => result.Problem is not null));
        }

        return new BatchReport(batch, failures);
    }
}
