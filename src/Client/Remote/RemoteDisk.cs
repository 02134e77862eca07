using System.Collections.Concurrent;
using SnapshotGrains.Nbd;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// A disk's stored bytes, from a process that does not keep them: what the disk inherits is read from the silos,
/// through this host's cache; its own blocks are read and written at its home. The home may die and come back, there
/// or elsewhere: requests wait for it, and writes that were not flushed are made again.
/// </summary>
internal sealed partial class RemoteDisk : VirtualDisk
{
    /// <summary>Longest transfer in one request, and longest range in one that carries no bytes.</summary>
    private const int MaxTransferBytes = 4 << 20;
    private const long MaxRangeBytes = 1L << 30;

    private readonly RemoteDiskOptions _options;
    private readonly HomeLink _link;
    private readonly WriteLog _log;
    private readonly ParentReader _parent;
    private readonly DiskInfo _info;
    private readonly ConcurrentDictionary<long, Lazy<Task>> _learning = new();
    private readonly DiskTraces? _traces;
    private TraceSession? _trace;
    private StoredBlocks? _blocks;
    private long _sizeBytes;

    /// <param name="info">What is recorded of the disk.</param>
    /// <param name="wish">How it is attached, in its stored form.</param>
    /// <param name="finder">Finds its home.</param>
    /// <param name="readers">Read what it inherits.</param>
    /// <param name="options">Deadlines and limits.</param>
    /// <param name="traces">Records and replays what its guest touches; null where that is not done.</param>
    public RemoteDisk(
        DiskInfo info, DiskExportName wish, IHomeFinder finder, ReplicaReaders readers, RemoteDiskOptions options,
        DiskTraces? traces = null)
        : base(info.Name, wish.Access == DiskAccess.ReadOnly)
    {
        (_info, _options, _traces) = (info, options, traces);
        _parent = new ParentReader(info.Replica, readers);
        _log = new WriteLog(options.MaxUnflushedBytes);
        _link = new HomeLink(wish, finder, ReplayAsync, options);
    }

    public override long SizeBytes => _sizeBytes;

    public override int SegmentSizeBytes => _info.SegmentSizeBytes;

    public override CancellationToken Gone => _link.Gone;

    /// <summary>Attaches it at its home.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _sizeBytes = (await _link.OpenAsync(cancellationToken).ConfigureAwait(false)).SizeBytes;

        // Of a disk that others write to, nobody knows for how long what he learns is true.
        _blocks = IsReadOnly ? null : new StoredBlocks(_sizeBytes);
        _trace = IsReadOnly ? null : _traces?.Begin(_info, _parent);
    }

    public override bool TryLease(long offset, int maxLength, out DiskSlice slice)
    {
        _link.CheckNotGone();
        _trace?.Touch(offset, maxLength);
        slice = default;
        var state = _blocks?.Lookup(offset, maxLength, out maxLength);
        if (state == OverlayBlockState.Zero && _link.IsCurrent)
        {
            slice = DiskSlice.Zeros(maxLength);
            return true;
        }

        return state == OverlayBlockState.Parent && _link.IsCurrent && _parent.TryLease(offset, maxLength, out slice);
    }

    public override async ValueTask<DiskSlice> LeaseAsync(
        long offset, int maxLength, CancellationToken cancellationToken)
    {
        using var deadline = DeadlineOf(cancellationToken);
        try
        {
            await LearnAsync(offset, deadline.Token).ConfigureAwait(false);
            if (!_link.IsCurrent)
            {
                await _link.GetAsync(deadline.Token).ConfigureAwait(false);
            }

            if (TryLease(offset, maxLength, out var slice))
            {
                return slice;
            }

            var length = maxLength;
            var state = _blocks?.Lookup(offset, maxLength, out length);
            return state == OverlayBlockState.Parent
                && await TryInheritAsync(offset, length, deadline.Token).ConfigureAwait(false) is { } inherited
                ? inherited : await ReadOwnAsync(offset, length, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut("read", offset);
        }
    }

    public override async ValueTask<IReadOnlyList<DiskExtent>> GetExtentsAsync(
        long offset, long length, int maxExtents, CancellationToken cancellationToken)
    {
        CheckRange(offset, length);
        using var deadline = DeadlineOf(cancellationToken);
        var extents = new List<DiskExtent>();
        try
        {
            for (var end = offset + length; offset < end && extents.Count < maxExtents;)
            {
                var run = await RunAsync(offset, end - offset, deadline.Token).ConfigureAwait(false);
                if (extents.Count > 0 && extents[^1].IsZero == run.IsZero)
                {
                    extents[^1] = extents[^1] with { Length = extents[^1].Length + run.Length };
                }
                else
                {
                    extents.Add(run);
                }

                offset += run.Length;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut("map", offset);
        }

        return extents;
    }

    /// <summary>Flushes, as far as there is a home to flush to, and detaches.</summary>
    public override async ValueTask DisposeAsync()
    {
        _trace?.End();
        if (!IsReadOnly && _link.IsCurrent)
        {
            using var deadline = new CancellationTokenSource(_options.ConnectTimeout, _options.Time);
            try
            {
                await FlushAsync(deadline.Token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is SnapshotGrainsException or OperationCanceledException)
            {
                // Whoever wrote and did not flush was promised nothing.
            }
        }

        await _link.DisposeAsync().ConfigureAwait(false);
        await _flushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _log.Dispose();
    }

    /// <summary>Null where the snapshot cannot be read any more: the home may have all of it by now.</summary>
    private async ValueTask<DiskSlice?> TryInheritAsync(long offset, int length, CancellationToken cancellationToken)
    {
        try
        {
            return await _parent.LeaseAsync(offset, length, cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code
            is ErrorCode.NotFound or ErrorCode.ImageCenterUnavailable or ErrorCode.ImageCorrupt)
        {
            return null;
        }
    }

    private async ValueTask<DiskSlice> ReadOwnAsync(long offset, int maxLength, CancellationToken cancellationToken)
    {
        var length = (int)Math.Min(Math.Min(maxLength, MaxTransferBytes), SizeBytes - offset);
        var bytes = NativeBufferPool.Shared.Rent(length);
        try
        {
            await AskAsync("read", offset, home => home.ReadAsync(offset, bytes.Memory), cancellationToken)
                .ConfigureAwait(false);
            return new DiskSlice(bytes.Address, length, bytes);
        }
        catch
        {
            ((IDisposable)bytes).Dispose();
            throw;
        }
    }

    /// <summary>What a run of bytes is to a guest.</summary>
    private async ValueTask<DiskExtent> RunAsync(long offset, long maxLength, CancellationToken cancellationToken)
    {
        if (_blocks is null)
        {
            var asked = (uint)Math.Min(maxLength, MaxRangeBytes);
            IReadOnlyList<NbdExtent> found = [];
            await AskAsync("map", offset, async home => found = await home.BlockStatusAsync(offset, asked)
                .ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            return new DiskExtent(
                offset, Math.Min(found[0].Length, maxLength), found[0].Flags.HasFlag(NbdExtentFlags.Zero));
        }

        await LearnAsync(offset, cancellationToken).ConfigureAwait(false);
        var state = _blocks.Lookup(offset, (int)Math.Min(maxLength, MaxRangeBytes), out var length);
        if (state != OverlayBlockState.Parent)
        {
            return new DiskExtent(offset, length, state == OverlayBlockState.Zero);
        }

        ReplicaReader parent;
        try
        {
            parent = await _parent.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return new DiskExtent(offset, length, IsZero: false); // the home has all of it by now
        }

        if (offset >= parent.Map.SizeBytes)
        {
            return new DiskExtent(offset, length, IsZero: true);
        }

        var end = Math.Min(offset + length, parent.Map.SizeBytes);
        var runEnd = Math.Min(end, parent.Map.EndOfRun(offset, end, out var isZero));
        return new DiskExtent(offset, runEnd - offset, isZero);
    }

    /// <summary>Learns what the region of a byte consists of, once for all who ask.</summary>
    private async ValueTask LearnAsync(long offset, CancellationToken cancellationToken)
    {
        if (_blocks is not { } blocks || blocks.Knows(offset))
        {
            return;
        }

        var region = offset / StoredBlocks.RegionBytes;
        var learning = _learning.GetOrAdd(region, number => new Lazy<Task>(() => LearnRegionAsync(blocks, number)));
        await learning.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task LearnRegionAsync(StoredBlocks blocks, long region)
    {
        using var deadline = DeadlineOf(CancellationToken.None);
        try
        {
            var start = region * StoredBlocks.RegionBytes;
            var end = Math.Min(start + StoredBlocks.RegionBytes, SizeBytes);
            var extents = new List<(long, OverlayBlockState)>();
            for (var at = start; at < end;)
            {
                var (from, asked) = (at, (uint)(end - at));
                await AskAsync(
                    "map", at,
                    async home =>
                    {
                        foreach (var extent in await home.BlockStatusAsync(from, asked).ConfigureAwait(false))
                        {
                            extents.Add((extent.Length, StateOf(extent.Flags)));
                            at += extent.Length;
                        }
                    },
                    deadline.Token).ConfigureAwait(false);
            }

            blocks.Learn(start, extents);
        }
        finally
        {
            _learning.TryRemove(region, out _);
        }
    }

    /// <summary>A hole that is not known to be zero is not there: it is inherited.</summary>
    private static OverlayBlockState StateOf(NbdExtentFlags flags) =>
        flags.HasFlag(NbdExtentFlags.Zero) ? OverlayBlockState.Zero
        : flags.HasFlag(NbdExtentFlags.Hole) ? OverlayBlockState.Parent
        : OverlayBlockState.Data;
}
