using System.Runtime.InteropServices;

namespace SnapshotGrains.Disks;

/// <summary>
/// Lets one at a time in to each disk. Who waits for one disk keeps nobody from another, however long that takes.
/// Thread-safe.
/// </summary>
internal sealed class DiskTurns
{
    private readonly Dictionary<Guid, Gate> _gates = [];
    private readonly Lock _lock = new();

    /// <summary>Waits for the disk's turn; dispose it to let the next in.</summary>
    public async ValueTask<Turn> EnterAsync(Guid diskId, CancellationToken cancellationToken)
    {
        var gate = Join(diskId);
        try
        {
            await gate.Entrance.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Turn(this, diskId, gate);
        }
        catch
        {
            Leave(diskId, gate);
            throw;
        }
    }

    /// <summary>The disk's turn, if nobody has it; else null.</summary>
    public Turn? TryEnter(Guid diskId)
    {
        lock (_lock)
        {
            var gate = new Gate(isTaken: true);
            return _gates.TryAdd(diskId, gate) ? new Turn(this, diskId, gate) : null;
        }
    }

    private Gate Join(Guid diskId)
    {
        lock (_lock)
        {
            ref var gate = ref CollectionsMarshal.GetValueRefOrAddDefault(_gates, diskId, out var isKnown);
            gate = isKnown ? gate! : new Gate(isTaken: false);
            gate.Users++;
            return gate;
        }
    }

    private void Leave(Guid diskId, Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Users == 0)
            {
                _gates.Remove(diskId);
            }
        }
    }

    /// <summary>A disk's turn, until it is disposed.</summary>
    internal readonly struct Turn(DiskTurns turns, Guid diskId, Gate gate) : IDisposable
    {
        public void Dispose()
        {
            gate.Entrance.Release();
            turns.Leave(diskId, gate);
        }
    }

    /// <summary>Kept as long as somebody is in or waits.</summary>
    internal sealed class Gate(bool isTaken)
    {
        public SemaphoreSlim Entrance { get; } = new(isTaken ? 0 : 1);

        public int Users { get; set; } = isTaken ? 1 : 0;
    }
}
