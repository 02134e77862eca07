using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// The blocks of some leaves that changed since the last commit, how many of them left the parent and why, and the lock
/// that whoever changes these leaves holds.
/// </summary>
internal sealed class DirtyBlocks
{
    /// <summary>A table that held more leaves is not kept, so that one large trim does not stay in memory.</summary>
    private const int MaxLeavesKept = 1024;

    private Dictionary<long, LeafChanges> _current = [];
    private Dictionary<long, LeafChanges> _captured = [];
    private SourceCounts _currentCounts;
    private SourceCounts _capturedCounts;

    /// <summary>Held while entries of these leaves are changed.</summary>
    public Lock Gate { get; } = new();

    /// <summary>
    /// Views of these leaves whose slots must be kept. Changed by who holds the gate; never changed in place.
    /// </summary>
    public OverlayView[] Views { get; set; } = [];

    /// <summary>What the commit under way has captured.</summary>
    public Dictionary<long, LeafChanges> Captured => _captured;

    /// <summary>How many of the captured blocks have left the parent, by source.</summary>
    public ref readonly SourceCounts CapturedCounts => ref _capturedCounts;

    /// <summary>Notes a changed block. The caller holds the gate.</summary>
    public void Mark(long leaf, int within) => ChangesOf(leaf).Dirty.Set(within);

    /// <summary>Notes a block that has left the parent. The caller holds the gate.</summary>
    public void MarkFresh(long leaf, int within, OverlaySource source)
    {
        ref var changes = ref ChangesOf(leaf);
        changes.Dirty.Set(within);
        changes.Fresh.Set(within);
        _currentCounts[(int)source]++;
    }

    /// <summary>
    /// Notes that a whole leaf changed and which of its blocks have left the parent. The caller holds the gate.
    /// </summary>
    public void MarkAll(long leaf, in LeafBits fresh, int freshCount, OverlaySource source)
    {
        ref var changes = ref ChangesOf(leaf);
        changes.Dirty = LeafBits.All;
        changes.Fresh.Add(fresh);
        _currentCounts[(int)source] += freshCount;
    }

    /// <summary>
    /// The blocks of a leaf that have left the parent and are in no commit yet, nor in the one under way. The caller
    /// holds the gate.
    /// </summary>
    public LeafBits FreshIn(long leaf) => _current.TryGetValue(leaf, out var changes) ? changes.Fresh : default;

    /// <summary>Moves everything noted to <see cref="Captured"/>, for one commit at a time.</summary>
    public int Capture()
    {
        lock (Gate)
        {
            (_current, _captured) = (_captured, _current);
            (_currentCounts, _capturedCounts) = (default, _currentCounts);
            return _captured.Count;
        }
    }

    /// <summary>The commit is durable.</summary>
    public void Forget()
    {
        if (_captured.Count > MaxLeavesKept)
        {
            _captured = [];
        }

        _captured.Clear();
        _capturedCounts = default;
    }

    /// <summary>The commit failed: its blocks are as dirty as before.</summary>
    public void PutBack()
    {
        lock (Gate)
        {
            foreach (var (leaf, changes) in _captured)
            {
                ref var current = ref ChangesOf(leaf);
                current.Dirty.Add(changes.Dirty);
                current.Fresh.Add(changes.Fresh);
            }

            _currentCounts.Add(_capturedCounts);
        }

        Forget();
    }

    private ref LeafChanges ChangesOf(long leaf) =>
        ref CollectionsMarshal.GetValueRefOrAddDefault(_current, leaf, out _);
}
