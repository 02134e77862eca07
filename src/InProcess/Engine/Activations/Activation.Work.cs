using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Activations;

/// <content>Which work runs when.</content>
internal sealed partial class Activation
{
    // So many calls may start in one turn before others get the thread.
    private const int StartsPerTurn = 64;

    private ActivationWork? _blocking;
    private Dictionary<Guid, int>? _reentrantSections;

    private enum Admission
    {
        Gone,
        Full,
        Waits,
        Runs,
    }

    /// <summary>Takes work, or returns false if the activation has ended and another must be found.</summary>
    public bool Receive(ActivationWork work)
    {
        var admission = Admit(work, out var count);
        switch (admission)
        {
            case Admission.Full:
                work.Reject(new LimitExceededException(
                    "MaxEnqueuedRequestsHardLimit", count, Silo.MaxQueuedCalls, ToString()));
                break;
            case Admission.Runs:
                Scheduler.RequestPump();
                break;
        }

        return admission != Admission.Gone;
    }

    public void EnterReentrantSection(Guid id)
    {
        lock (_lock)
        {
            _reentrantSections ??= [];
            _reentrantSections[id] = _reentrantSections.GetValueOrDefault(id) + 1;
        }

        Scheduler.RequestPump();
    }

    public void LeaveReentrantSection(Guid id)
    {
        lock (_lock)
        {
            // A section may be disposed of twice, or after the grain that it was entered in.
            if (_reentrantSections is null || !_reentrantSections.TryGetValue(id, out var count))
            {
                return;
            }

            if (count <= 1)
            {
                _reentrantSections.Remove(id);
            }
            else
            {
                _reentrantSections[id] = count - 1;
            }
        }
    }

    /// <summary>One turn: starts the next operation, or all work that may run now.</summary>
    public void Pump()
    {
        var context = ExecutionContext.Capture();
        for (var i = 0; i < StartsPerTurn; i++)
        {
            if (!TryTakeWork(out var work))
            {
                return;
            }

            Start(work);
            if (context is not null)
            {
                ExecutionContext.Restore(context);
            }
        }

        Scheduler.RequestPump();
    }

    private Admission Admit(ActivationWork work, out int count)
    {
        lock (_lock)
        {
            count = _running.Count + _waiting.Count;
            if (_state == ActivationState.Invalid)
            {
                return Admission.Gone;
            }

            if (work.IsLimited && Silo.MaxQueuedCalls > 0 && count > Silo.MaxQueuedCalls)
            {
                return Admission.Full;
            }

            _waiting.Add(work);
            return _state == ActivationState.Valid && MayRun(work) ? Admission.Runs : Admission.Waits;
        }
    }

    private bool TryTakeWork([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ActivationWork? work)
    {
        work = null;
        Func<Task>? operation = null;
        lock (_lock)
        {
            if (_running.Count == 0 && !_operating && _pendingOperation is not null)
            {
                operation = _pendingOperation;
                _pendingOperation = null;
                _operating = true;
            }
            else if (_state == ActivationState.Valid && !_operating)
            {
                work = TakeRunnable();
            }
        }

        if (operation is not null)
        {
            _operation = OperateAsync(operation);
        }

        return work is not null;
    }

    // The first piece of waiting work that may run beside what runs, in order of arrival.
    private ActivationWork? TakeRunnable()
    {
        var candidate = _waiting.Head;
        while (candidate is not null)
        {
            var next = candidate.Next;
            if (candidate.IsAbandoned)
            {
                _waiting.Remove(candidate);
            }
            else if (MayRun(candidate))
            {
                _waiting.Remove(candidate);
                _running.Add(candidate);
                if (!candidate.AlwaysInterleaves)
                {
                    _blocking ??= candidate;
                }

                return candidate;
            }
            else if (_waiting.Overtakers == 0)
            {
                return null;
            }

            candidate = next;
        }

        return null;
    }

    private bool MayRun(ActivationWork work) => _running.Count == 0
        || _blocking is null
        || Class.IsReentrant
        || work.AlwaysInterleaves
        || (work.IsReadOnly && _blocking.IsReadOnly)
        || (_reentrantSections is { Count: > 0 } && _reentrantSections.ContainsKey(work.ReentrancyId));

    private void Start(ActivationWork work)
    {
        Task? task = null;
        try
        {
            task = work.Run(this);
        }
        catch (Exception exception)
        {
            End(work, null, exception);
            return;
        }

        // The pump that started it goes on with what waits, so that its end need not ask for another.
        if (task is null || task.IsCompleted)
        {
            End(work, task, null);
        }
        else
        {
            var ending = new Ending(this, work, task);
            task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(ending.End);
        }
    }

    // Returns whether the pump has something to do now.
    private bool End(ActivationWork work, Task? task, Exception? exception)
    {
        if (work.KeepsAlive)
        {
            Volatile.Write(ref _lastUsed, Silo.Time.GetTimestamp());
        }

        exception ??= task?.Exception?.InnerException;
        DeactivateIfInconsistent(exception);
        bool more;
        lock (_lock)
        {
            _running.Remove(work);
            _blocking = ReferenceEquals(_blocking, work) ? null : _blocking;
            more = _pendingOperation is not null ? _running.Count == 0 : _waiting.Count > 0;
        }

        work.Ended(task, exception);
        return more;
    }

    private sealed class Ending(Activation activation, ActivationWork work, Task task)
    {
        public void End()
        {
            if (activation.End(work, task, null))
            {
                activation.Scheduler.RequestPump();
            }
        }
    }
}
