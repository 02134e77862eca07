using System.Threading.Channels;

namespace SnapshotGrains.Disks;

/// <summary>
/// Tells disks' grains what became of their disks, one after the other and apart from whoever found it out: that may
/// be a call of the same grain, which would wait for itself. What does not fit or fails is found again when the disk
/// is opened next.
/// </summary>
internal sealed class DiskReports : IAsyncDisposable
{
    private const int MaxWaiting = 10_000;

    private readonly Channel<Func<Task>> _reports = Channel.CreateBounded<Func<Task>>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Task _worker;

    public DiskReports() => _worker = Task.Run(WorkAsync);

    /// <summary>Queues a report; it must not throw.</summary>
    public void Add(Func<Task> report) => _reports.Writer.TryWrite(report);

    public async ValueTask DisposeAsync()
    {
        _reports.Writer.TryComplete();
        await _worker.ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        await foreach (var report in _reports.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await report().ConfigureAwait(false);
        }
    }
}
