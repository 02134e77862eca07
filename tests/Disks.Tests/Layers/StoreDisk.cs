using System.Runtime.InteropServices;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// A disk in memory, with holes, that hands out runs of any number of blocks. When it is slow, each request waits until
/// the test completes it, in any order; what is written is taken only then.
/// </summary>
internal sealed class StoreDisk : VirtualDisk
{
    public const int Block = 4096;

    private readonly Lock _lock = new();
    private readonly byte[] _bytes;
    private readonly bool[] _isData;
    private readonly HashSet<long> _unflushed = [];
    private readonly List<Pending> _pending = [];
    private readonly Lender _lender = new();

    public StoreDisk(long sizeBytes, bool isReadOnly = false) : base("store", isReadOnly)
    {
        SizeBytes = sizeBytes;
        _isData = new bool[sizeBytes / Block];
        _bytes = GC.AllocateArray<byte>((int)sizeBytes, pinned: true);
    }

    public override long SizeBytes { get; }

    public override int SegmentSizeBytes => 64 * 1024;

    /// <summary>Chooses where runs end, what is at hand and which request completes; null for long runs.</summary>
    public Random? Random { get; set; }

    /// <summary>Whether requests wait for <see cref="CompleteOne"/>.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Whether a slow disk has nothing at hand, rather than half of it.</summary>
    public bool IsCold { get; set; }

    /// <summary>Lends so many bytes at most, whole blocks or not.</summary>
    public int MaxRunBytes { get; set; } = int.MaxValue;

    /// <summary>What a slow request is answered with, if any.</summary>
    public Func<string, Exception?>? Fault { get; set; }

    /// <summary>Slices that were not given back.</summary>
    public int Lent => _lender.Lent;

    public bool IsDisposed { get; private set; }

    public List<string> Log { get; } = [];

    public IReadOnlyList<string> Waiting
    {
        get
        {
            lock (_lock)
            {
                return [.. _pending.Select(one => one.What)];
            }
        }
    }

    public bool IsDurable
    {
        get
        {
            lock (_lock)
            {
                return _unflushed.Count == 0;
            }
        }
    }

    public ReadOnlySpan<byte> BlockAt(long offset) => _bytes.AsSpan((int)offset, Block);

    public bool IsHole(long offset) => !_isData[offset / Block];

    public long DataBlocks => _isData.LongCount(isData => isData);

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        lock (_lock)
        {
            CheckRange(offset, maxLength);
            var isAtHand = !IsSlow || (!IsCold && (Random?.Next(2) ?? 0) == 0);
            slice = isAtHand ? Lend(offset, maxLength) : default;
            return isAtHand;
        }
    }

    public override ValueTask<DiskSlice> LeaseAsync(long offset, int maxLength, CancellationToken cancellationToken)
    {
        CheckRange(offset, maxLength);
        DiskSlice slice = default;
        var wait = WaitAsync($"lease {offset}+{maxLength}", cancellationToken, () => slice = Lend(offset, maxLength));
        return wait.IsCompletedSuccessfully ? new(slice) : new(FinishAsync());

        async Task<DiskSlice> FinishAsync()
        {
            await wait.ConfigureAwait(false);
            return slice;
        }
    }

    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        CheckRange(offset, data.Length);
        if (IsSlow)
        {
            return WriteSlowlyAsync(offset, data, isDurable, cancellationToken);
        }

        Put(offset, data.Span, isDurable);
        return default;
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken) =>
        WaitAsync("flush", cancellationToken, _unflushed.Clear);

    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        return WaitAsync(
            $"trim {offset}+{length}",
            cancellationToken,
            () => PunchHoles((offset + Block - 1) / Block, (offset + length) / Block, isDurable: false));
    }

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        return WaitAsync($"zero {offset}+{length}", cancellationToken, () =>
        {
            Put(offset, new byte[length], isDurable);
            PunchHoles((offset + Block - 1) / Block, (offset + length) / Block, isDurable);
        });
    }

    public override ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        var extents = new List<DiskExtent>();
        for (var end = offset + length; offset < end;)
        {
            var next = Math.Min(end, ((offset / Block) + 1) * Block);
            if (extents.Count > 0 && extents[^1].IsZero == IsHole(offset))
            {
                extents[^1] = extents[^1] with { Length = next - extents[^1].Offset };
            }
            else if (extents.Count < maxExtents)
            {
                extents.Add(new DiskExtent(offset, next - offset, IsHole(offset)));
            }
            else
            {
                break;
            }

            offset = next;
        }

        return new(extents);
    }

    /// <summary>Completes one request that waits, any one or the first of a kind; false when there is none.</summary>
    public bool CompleteOne(string kind = "")
    {
        Pending one;
        lock (_lock)
        {
            var fitting = _pending.FindAll(some => some.What.StartsWith(kind, StringComparison.Ordinal));
            if (fitting.Count == 0)
            {
                return false;
            }

            one = fitting[Random?.Next(fitting.Count) ?? 0];
            _pending.Remove(one);
        }

        one.Complete(Fault?.Invoke(one.What));
        return true;
    }

    /// <summary>Completes what the disk is asked for until the work is done.</summary>
    public async Task DriveAsync(Task work)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (!work.IsCompleted)
        {
            deadline.Token.ThrowIfCancellationRequested();
            if (!CompleteOne())
            {
                await Task.Yield();
            }
        }

        await work;
    }

    /// <summary>Waits until so many requests wait here.</summary>
    public async Task UntilWaitingAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (Waiting.Count < count)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }

    private ValueTask WriteSlowlyAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken) =>
        WaitAsync($"write {offset}+{data.Length}", cancellationToken, () => Put(offset, data.Span, isDurable));

    private ValueTask WaitAsync(string what, CancellationToken cancellationToken, Action act)
    {
        lock (_lock)
        {
            if (!IsSlow)
            {
                Log.Add(what);
                act();
                return default;
            }
        }

        var pending = new Pending(what, () =>
        {
            lock (_lock)
            {
                Log.Add(what);
                act();
            }
        });
        lock (_lock)
        {
            _pending.Add(pending);
        }

        return new(WaitAsync(pending, cancellationToken));
    }

    /// <summary>What is given up never comes to pass.</summary>
    private async Task WaitAsync(Pending pending, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(_ => GiveUp(pending, cancellationToken), null);
        await pending.Done.ConfigureAwait(false);
    }

    private void GiveUp(Pending pending, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_pending.Remove(pending))
            {
                return;
            }
        }

        pending.GiveUp(cancellationToken);
    }

    private DiskSlice Lend(long offset, int maxLength)
    {
        var (isHole, block) = (IsHole(offset), offset / Block);
        var most = Random is null ? long.MaxValue : block + 1 + Random.Next(40);
        for (block++; block < most && block * Block < offset + maxLength && !_isData[block] == isHole; block++)
        {
        }

        var length = (int)Math.Min(Math.Min(maxLength, MaxRunBytes), (block * Block) - offset);
        return isHole
            ? DiskSlice.Zeros(length)
            : _lender.Lend(Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, (int)offset), length);
    }

    private void Put(long offset, ReadOnlySpan<byte> data, bool isDurable)
    {
        data.CopyTo(_bytes.AsSpan((int)offset));
        for (var block = offset / Block; block * Block < offset + data.Length; block++)
        {
            Note(block, isData: true, isDurable);
        }
    }

    private void PunchHoles(long block, long end, bool isDurable)
    {
        for (; block < end; block++)
        {
            _bytes.AsSpan((int)(block * Block), Block).Clear();
            Note(block, isData: false, isDurable);
        }
    }

    private void Note(long block, bool isData, bool isDurable)
    {
        _isData[block] = isData;
        if (!isDurable)
        {
            _unflushed.Add(block);
        }
    }

    private sealed class Lender : IDisposable
    {
        private int _lent;

        public int Lent => Volatile.Read(ref _lent);

        public DiskSlice Lend(nint address, int length)
        {
            Interlocked.Increment(ref _lent);
            return new DiskSlice(address, length, this);
        }

        public void Dispose() => Interlocked.Decrement(ref _lent);
    }

    private sealed class Pending(string what, Action act)
    {
        private readonly TaskCompletionSource _done = new();

        public string What => what;

        public Task Done => _done.Task;

        public void GiveUp(CancellationToken cancellationToken) => _done.SetCanceled(cancellationToken);

        public void Complete(Exception? fault)
        {
            if (fault is null)
            {
                act();
                _done.SetResult();
            }
            else
            {
                _done.SetException(fault);
            }
        }
    }
}
