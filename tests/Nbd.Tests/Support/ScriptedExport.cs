using System.Collections.Concurrent;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>An export whose reads end when and how the test says: each waits for its offset to be released.</summary>
internal sealed class ScriptedExport : INbdExport
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _gates = new();
    private int _started;

    public ScriptedExport(long sizeBytes = 1L << 40)
    {
        Info = new NbdExportInfo { Name = "scripted", SizeBytes = sizeBytes, IsReadOnly = false, CanTrim = true };
    }

    public NbdExportInfo Info { get; }

    /// <summary>What a read does once released; the default adds bytes that tell the offset.</summary>
    public Action<NbdRead> Answer { get; set; } = r => r.Add(Pattern(r.Offset, r.Length));

    /// <summary>Called with the token of each read.</summary>
    public Action<CancellationToken>? OnRead { get; set; }

    /// <summary>Reads that were started.</summary>
    public int Started => Volatile.Read(ref _started);

    /// <summary>Offsets and lengths of trims.</summary>
    public ConcurrentQueue<(long Offset, long Length)> Trims { get; } = new();

    /// <summary>Completes when the export was disposed.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static byte[] Pattern(long offset, int length) =>
        Enumerable.Range(0, length).Select(i => (byte)((offset * 31) + i)).ToArray();

    /// <summary>Lets the read at <paramref name="offset"/> go on, now or when it comes.</summary>
    public void Release(long offset) => Gate(offset).TrySetResult();

    public async Task StartedAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (Started < count)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask ReadAsync(NbdRead read, CancellationToken ct)
    {
        OnRead?.Invoke(ct);
        Interlocked.Increment(ref _started);
        await Gate(read.Offset).Task.WaitAsync(ct);
        Answer(read);
    }

    public ValueTask TrimAsync(long offset, long length, bool fua, CancellationToken ct)
    {
        Trims.Enqueue((offset, length));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private TaskCompletionSource Gate(long offset) => _gates.GetOrAdd(
        offset, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
