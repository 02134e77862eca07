using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// The blocks of some leaves that changed since the last commit, and the lock that whoever changes these leaves holds.
/// </summary>
internal sealed class DirtyBlocks
{
    private Dictionary<long, LeafBits> _current = [];
    private Dictionary<long, LeafBits> _captured = [];

    /// <summary>Held while entries of these leaves are changed.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What the commit under way has captured.</summary>
    public Dictionary<long, LeafBits> Captured => _captured;

    /// <summary>Notes a changed block. The caller holds the gate.</summary>
    public void Mark(long leaf, int within) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_current, leaf, out _).Set(within);

    /// <summary>Notes that a whole leaf changed. The caller holds the gate.</summary>
    public void MarkAll(long leaf) => CollectionsMarshal.GetValueRefOrAddDefault(_current, leaf, out _) = LeafBits.All;

    /// <summary>Moves all marks to <see cref="Captured"/>, for one commit at a time.</summary>
    public int Capture()
    {
        lock (Gate)
        {
            (_current, _captured) = (_captured, _current);
            return _captured.Count;
        }
    }

    /// <summary>The commit is durable.</summary>
    public void Forget() => _captured.Clear();

    /// <summary>The commit failed: its blocks are as dirty as before.</summary>
    public void PutBack()
    {
        lock (Gate)
        {
            foreach (var (leaf, bits) in _captured)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_current, leaf, out _).Add(bits);
            }
        }

        _captured.Clear();
    }
}
