namespace SnapshotGrains.Storage;

/// <summary>
/// Segments of derived replicas on local disk, by name, so that eviction or a restart does not mean to make them again:
/// one file each, checked against its digest on every read, within a budget in bytes. When there is no room, those
/// go that were read least recently; after a restart, those written first. It holds what it is given: ciphertext, where
/// a replica has a key. It never fails its caller: what cannot be kept or read is made again. Thread-safe.
/// </summary>
public sealed class ReplicaStore
{
    /// <summary>Files take whole blocks.</summary>
    private const int BlockBytes = 4096;

    private readonly Lock _gate = new();
    private readonly ReplicaStoreOptions _options;
    private readonly StoreFiles _files;
    private readonly Dictionary<Digest, LinkedListNode<Entry>> _index = [];

    // Least recently read first.
    private readonly LinkedList<Entry> _order = new();
    private long _usedBytes;
    private long _reads;
    private long _writes;
    private long _evictions;
    private long _damaged;
    private long _failures;

    private ReplicaStore(ReplicaStoreOptions options)
    {
        _options = options;
        _files = new StoreFiles(Path.GetFullPath(options.Directory));
    }

    /// <summary>Tells the stores of different processes apart.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>What it holds and has done.</summary>
    public ReplicaStoreStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new ReplicaStoreStatistics(
                    _options.BudgetBytes, _usedBytes, _index.Count, _reads, _writes, _evictions, _damaged, _failures);
            }
        }
    }

    /// <summary>Opens a store, and finds out what is in it. Its directory belongs to one store at a time.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static ReplicaStore Open(ReplicaStoreOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.BudgetBytes);
        var store = new ReplicaStore(options);
        lock (store._gate)
        {
            foreach (var (name, lengthBytes) in store._files.List())
            {
                store._usedBytes += CostOf(lengthBytes);
                store.Add(name, lengthBytes);
            }

            store.MakeRoom(0);
        }

        return store;
    }

    /// <summary>Whether a segment of that name is kept; its bytes may still turn out to be damaged.</summary>
    public bool Contains(in Digest name)
    {
        lock (_gate)
        {
            return _index.ContainsKey(name);
        }
    }

    /// <summary>How many of these segments are kept, and their bytes.</summary>
    public (long Segments, long Bytes) Measure(ReadOnlySpan<Digest> names)
    {
        var (segments, bytes) = (0L, 0L);
        lock (_gate)
        {
            foreach (ref readonly var name in names)
            {
                if (_index.TryGetValue(name, out var node))
                {
                    segments++;
                    bytes += node.Value.LengthBytes;
                }
            }
        }

        return (segments, bytes);
    }

    /// <summary>Reads a segment back.</summary>
    /// <param name="name">The segment.</param>
    /// <param name="destination">Memory of its length; what is in it afterwards counts only if it was read.</param>
    public async ValueTask<StoreRead> ReadAsync(Digest name, Memory<byte> destination)
    {
        lock (_gate)
        {
            if (!_index.TryGetValue(name, out var node))
            {
                return StoreRead.Absent;
            }

            _order.Remove(node);
            _order.AddLast(node);
        }

        try
        {
            if (await _files.ReadAsync(name, destination).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _reads);
                return StoreRead.Read;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As good as damaged: it cannot be had. If it was evicted just now, it is neither.
            if (!Contains(name))
            {
                return StoreRead.Absent;
            }
        }

        Interlocked.Increment(ref _damaged);
        Remove(name);
        return StoreRead.Damaged;
    }

    /// <summary>Keeps a segment. Does nothing if it is kept already.</summary>
    /// <returns>Whether it is kept: not where the budget is too small for it, or the disk full.</returns>
    public bool Keep(in Digest name, ReadOnlySpan<byte> bytes)
    {
        var cost = CostOf(bytes.Length);
        lock (_gate)
        {
            if (_index.ContainsKey(name))
            {
                return true;
            }

            if (!MakeRoom(cost))
            {
                return false;
            }

            _usedBytes += cost;
        }

        return TryWrite(name, bytes, cost);
    }

    /// <summary>Deletes a segment.</summary>
    /// <returns>False when it was not kept.</returns>
    public bool Remove(in Digest name)
    {
        lock (_gate)
        {
            if (!_index.TryGetValue(name, out var node))
            {
                return false;
            }

            Delete(node);
            return true;
        }
    }

    /// <summary>Deletes all segments but these.</summary>
    /// <returns>How many were deleted.</returns>
    public int RetainOnly(IReadOnlySet<Digest> names)
    {
        Digest[] others;
        lock (_gate)
        {
            others = [.. _index.Keys.Where(name => !names.Contains(name))];
        }

        return others.Count(other => Remove(other));
    }

    private static long CostOf(int lengthBytes) =>
        (StoreHeader.SizeBytes + (long)lengthBytes + BlockBytes - 1) / BlockBytes * BlockBytes;

    private bool TryWrite(in Digest name, ReadOnlySpan<byte> bytes, long cost)
    {
        string? temporary = null;
        try
        {
            temporary = _files.Write(name, bytes);
            lock (_gate)
            {
                _files.Commit(temporary, name);
                if (_index.ContainsKey(name))
                {
                    // Somebody else has written the same meanwhile.
                    _usedBytes -= cost;
                }
                else
                {
                    Add(name, bytes.Length);
                }

                _writes++;
            }

            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            lock (_gate)
            {
                _usedBytes -= cost;
                _failures++;
            }

            if (temporary is not null)
            {
                StoreFiles.Discard(temporary);
            }

            return false;
        }
    }

    private void Add(in Digest name, int lengthBytes) =>
        _index[name] = _order.AddLast(new Entry(name, lengthBytes));

    /// <summary>Under the gate. What is being written counts, but cannot go.</summary>
    private bool MakeRoom(long costBytes)
    {
        if (costBytes > _options.BudgetBytes)
        {
            return false;
        }

        while (_usedBytes + costBytes > _options.BudgetBytes)
        {
            if (_order.First is not { } oldest)
            {
                return false;
            }

            Delete(oldest);
            _evictions++;
        }

        return true;
    }

    /// <summary>Under the gate, so that no newer file of that name is deleted.</summary>
    private void Delete(LinkedListNode<Entry> node)
    {
        _index.Remove(node.Value.Name);
        _order.Remove(node);
        _usedBytes -= CostOf(node.Value.LengthBytes);
        try
        {
            _files.Delete(node.Value.Name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is not ours any more; the next opening finds it again, if it is still there.
            _failures++;
        }
    }

    private readonly record struct Entry(Digest Name, int LengthBytes);
}
