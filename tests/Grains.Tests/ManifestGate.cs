namespace SnapshotGrains.Grains.Tests;

/// <summary>Holds a batch clone at a point in its middle: each chunk begins with a read of the manifest.</summary>
internal sealed class ManifestGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reads;

    /// <summary>Lets <paramref name="free"/> reads pass and holds all others.</summary>
    public ManifestGate(ProbedImageCenter center, int free) => center.BeforeManifest = () =>
    {
        if (Interlocked.Increment(ref _reads) <= free)
        {
            return ValueTask.CompletedTask;
        }

        _reached.TrySetResult();
        return new ValueTask(_opened.Task);
    };

    /// <summary>Completes when the first read is held.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Open() => _opened.SetResult();
}
