using System.Collections.Concurrent;

namespace SnapshotGrains.Engine.Tests.Cluster;

/// <summary>A meeting point of a test with the grains that it calls, which live in the same process.</summary>
public sealed class Gate
{
    private static readonly ConcurrentDictionary<string, Gate> Gates = new();
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _entries;

    public int Entries => Volatile.Read(ref _entries);

    /// <summary>Ends when a grain stands at the gate.</summary>
    public Task Entered => _entered.Task.WaitAsync(Limit);

    public static Gate Of(string name) => Gates.GetOrAdd(name, static _ => new());

    public static string NewName() => Guid.NewGuid().ToString("N");

    public void Open() => _open.TrySetResult();

    /// <summary>Called by the grain: waits until the test opens the gate.</summary>
    public Task PassAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _entries);
        _entered.TrySetResult();
        return _open.Task.WaitAsync(Limit, cancellationToken);
    }

    /// <summary>Called by the grain: says that it was here.</summary>
    public void Touch()
    {
        Interlocked.Increment(ref _entries);
        _entered.TrySetResult();
    }
}
