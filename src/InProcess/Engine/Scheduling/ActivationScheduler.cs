using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Scheduling;

/// <summary>
/// Runs an activation's turns one at a time, in order. Continuations of awaits in grain code come here because it is
/// the current scheduler while a turn runs.
/// </summary>
internal sealed class ActivationScheduler(Activation activation, IWorkQueue workQueue)
    : TaskScheduler, IThreadPoolWorkItem
{
    // So many turns may pass before other activations get the thread.
    private const int TurnsPerQuantum = 64;

    private static readonly Action<object?> Pump = static state => ((Activation)state!).Pump();
    private readonly Lock _lock = new();
    private readonly Queue<Task> _tasks = new();
    private bool _pumpRequested;
    private bool _scheduled;
    private int _executingThread;

    public Activation Activation => activation;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Asks for a turn that starts waiting calls. Requests made before it runs are one.</summary>
    public void RequestPump()
    {
        lock (_lock)
        {
            if (_pumpRequested)
            {
                return;
            }

            _pumpRequested = true;
            if (_scheduled)
            {
                return;
            }

            _scheduled = true;
        }

        workQueue.Enqueue(this);
    }

    /// <summary>Runs an action as a turn.</summary>
    public void Post(Action<object?> action, object? state) =>
        new Task(action, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach).Start(this);

    void IThreadPoolWorkItem.Execute()
    {
        _executingThread = Environment.CurrentManagedThreadId;
        var turns = 0;
        while (TryTake(turns++, out var task))
        {
            if (task is null)
            {
                // Made here and not by the requester, so that no caller's execution context flows into the grain.
                new Task(Pump, activation).RunSynchronously(this);
            }
            else
            {
                TryExecuteTask(task);
            }
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _tasks.Enqueue(task);
            if (_scheduled)
            {
                return;
            }

            _scheduled = true;
        }

        workQueue.Enqueue(this);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued
        && Volatile.Read(ref _executingThread) == Environment.CurrentManagedThreadId
        && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _tasks];
        }
    }

    // A null task stands for the pump. Continuations go first, since they end calls that others wait for.
    private bool TryTake(int turns, out Task? task)
    {
        lock (_lock)
        {
            var more = _tasks.Count > 0 || _pumpRequested;
            if (more && turns < TurnsPerQuantum)
            {
                if (!_tasks.TryDequeue(out task))
                {
                    _pumpRequested = false;
                }

                return true;
            }

            task = null;
            _executingThread = 0;
            _scheduled = more;
            if (!more)
            {
                return false;
            }
        }

        workQueue.Enqueue(this);
        return false;
    }
}
