using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Disks;

/// <summary>
/// A thread that steps back for any other: copying and checksums of hydration run here, so that a guest's request
/// takes the processor from them at once (setpriority(2); on Linux a thread has its own nice value).
/// </summary>
internal sealed partial class BackgroundThread : IDisposable
{
    /// <summary>Far below the others, yet not starved: a lock that it holds is given back in time.</summary>
    private const int Nice = 19;

    private const int ThisThread = 0;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public BackgroundThread(string name)
    {
        _thread = new Thread(Work) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs something here; the task ends as it ended, continued elsewhere.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }

    /// <summary>Finishes what was given to it.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Work()
    {
        if (OperatingSystem.IsLinux())
        {
            // Refused only where raising the nice value is; then it runs like any other.
            _ = SetPriority(ThisThread, ThisThread, Nice);
        }

        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
