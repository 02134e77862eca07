using System.Runtime.InteropServices;

namespace SnapshotGrains.Client;

/// <summary>
/// Keeps writes to an encrypted disk from losing each other's bytes. A write of a part of a sector reads it, changes it
/// and writes it back, so it must be alone on that sector; writes of whole sectors may run together. One gate serves
/// all attachments of an open disk. Thread-safe; remembers as many ranges as there are requests in flight.
/// </summary>
public sealed class SectorGate
{
    private readonly Lock _lock = new();
    private readonly List<SectorRange> _inside = [];
    private readonly List<Waiter> _waiting = [];

    /// <summary>
    /// Waits until nobody inside, and nobody who came before, excludes the range: first come, first served. Who has
    /// entered calls <see cref="Exit"/> with the same range. Allocates only when it must wait.
    /// </summary>
    /// <exception cref="OperationCanceledException">Given up; not entered.</exception>
    internal ValueTask EnterAsync(in SectorRange range, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (!IsExcluded(range, _waiting.Count))
            {
                _inside.Add(range);
                return default;
            }

            waiter = new Waiter(range);
            _waiting.Add(waiter);
        }

        return new ValueTask(WaitAsync(waiter, cancellationToken));
    }

    internal void Exit(in SectorRange range)
    {
        lock (_lock)
        {
            // Equal ranges stand for each other.
            _inside[_inside.IndexOf(range)] = _inside[^1];
            _inside.RemoveAt(_inside.Count - 1);
            Admit(range);
        }
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(waiter, cancellationToken), null);
        await waiter.Entered.Task.ConfigureAwait(false);
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_waiting.Remove(waiter))
            {
                return;
            }

            Admit(waiter.Range);
        }

        waiter.Entered.TrySetCanceled(cancellationToken);
    }

    /// <summary>Lets in whom a range that has left held up.</summary>
    private void Admit(in SectorRange left)
    {
        for (var i = 0; i < _waiting.Count;)
        {
            var waiter = _waiting[i];
            if (!waiter.Range.Excludes(left) || IsExcluded(waiter.Range, i))
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            _inside.Add(waiter.Range);
            waiter.Entered.TrySetResult();
        }
    }

    /// <summary>Whether somebody inside, or among the first who wait, excludes the range.</summary>
    private bool IsExcluded(in SectorRange range, int waiting)
    {
        foreach (ref readonly var other in CollectionsMarshal.AsSpan(_inside))
        {
            if (other.Excludes(range))
            {
                return true;
            }
        }

        for (var i = 0; i < waiting; i++)
        {
            if (_waiting[i].Range.Excludes(range))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Waiter(SectorRange range)
    {
        public SectorRange Range => range;

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
