namespace SnapshotGrains.Client;

/// <summary>
/// Does one thing to many items, several at a time. What completes at once is done on the caller's thread, one after
/// the other.
/// </summary>
internal sealed class ManyAtOnce<T>
{
    private readonly IReadOnlyList<T> _items;
    private readonly Func<T, ValueTask> _act;
    private int _next;
    private volatile bool _hasFailed;

    private ManyAtOnce(IReadOnlyList<T> items, Func<T, ValueTask> act) => (_items, _act) = (items, act);

    /// <summary>
    /// Completes when nothing is under way any more. After a failure nothing new is begun; the first worker's failure
    /// is thrown.
    /// </summary>
    public static Task RunAsync(IReadOnlyList<T> items, int atOnce, Func<T, ValueTask> act)
    {
        var work = new ManyAtOnce<T>(items, act);
        var workers = new List<Task>();
        while (workers.Count < atOnce && Volatile.Read(ref work._next) < items.Count)
        {
            workers.Add(work.WorkAsync());
        }

        return Task.WhenAll(workers);
    }

    private async Task WorkAsync()
    {
        try
        {
            for (int i; !_hasFailed && (i = Interlocked.Increment(ref _next) - 1) < _items.Count;)
            {
                await _act(_items[i]).ConfigureAwait(false);
            }
        }
        catch
        {
            _hasFailed = true;
            throw;
        }
    }
}
