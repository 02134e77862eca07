using System.Threading.Channels;

namespace SnapshotGrains.Storage;

/// <summary>
/// Segments on a local disk, by digest, behind the <see cref="SegmentCache"/>: what memory has lost, by eviction or
/// with the process, is read here instead of being fetched again. Its file is a hint: what is read counts only if it
/// has its digest, so nothing is ever flushed, and what a crash tears is found. It neither fails nor delays its
/// callers: what cannot be written is dropped, and a device that fails is left alone for a while. Thread-safe.
/// </summary>
public sealed partial class DiskCache : IAsyncDisposable
{
    private static readonly int MaxReads = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private readonly Lock _gate = new();
    private readonly DiskCacheOptions _options;
    private readonly DiskCacheLayout _layout;
    private readonly DiskCacheTable _table;
    private readonly IBlockFile _lock;
    private readonly IBlockFile _file;
    private readonly ErrorPause _readPause;
    private readonly ErrorPause _writePause;
    private readonly SemaphoreSlim _places = new(MaxReads);
    private readonly Channel<SegmentBuffer> _queue = Channel.CreateUnbounded<SegmentBuffer>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly Task _writer;
    private volatile bool _isDisposed;
    private long _hits;
    private long _misses;
    private long _bytesRead;
    private long _badCopies;
    private long _errors;

    private DiskCache(DiskCacheOptions options, DiskCacheLayout layout, IBlockFile @lock, IBlockFile file)
    {
        _options = options;
        _layout = layout;
        _lock = @lock;
        _file = file;
        _table = new DiskCacheTable(layout.Units);
        _readPause = new ErrorPause(options.TimeProvider);
        _writePause = new ErrorPause(options.TimeProvider);
        Load();
        _writer = Task.Run(WriteQueuedAsync);
    }

    /// <summary>
    /// Something went wrong that no reader notices; a sentence for the log, and its cause. Handlers must be short and
    /// must not throw.
    /// </summary>
    public event Action<string, Exception?>? Troubled;

    /// <summary>What it holds and has done.</summary>
    public DiskCacheStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new DiskCacheStatistics(
                    _options.LimitBytes, _table.UsedUnits * _layout.UnitBytes, _table.Count, _hits, _misses,
                    _bytesRead, _writes, _bytesWritten, _table.Evictions, _badCopies, _dropped, _errors, _queuedBytes);
            }
        }
    }

    /// <summary>Whether a segment is here, as far as the table knows.</summary>
    /// <param name="digest">SHA-256 of its bytes.</param>
    public bool Contains(in Digest digest)
    {
        lock (_gate)
        {
            return _table.Find(digest) is not null;
        }
    }

    /// <summary>Reads a segment, verified.</summary>
    /// <param name="digest">SHA-256 of its bytes.</param>
    /// <param name="destination">Memory of its length; what is in it counts only if it was read.</param>
    /// <param name="cancellationToken">Ends the wait for the disk; a read that has begun is not left behind.</param>
    /// <returns>False when it is not here, or not with the bytes that it should have.</returns>
    public async ValueTask<bool> TryReadAsync(
        Digest digest, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (Pin(digest, destination.Length) is not { } slot)
        {
            return false;
        }

        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return !_isDisposed && Read(slot, destination.Span);
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            slot.Unpin();
        }
    }

    /// <summary>Writes what waits, then closes its file and gives its directory free.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        for (var place = 0; place < MaxReads; place++)
        {
            await _places.WaitAsync().ConfigureAwait(false);
        }

        _places.Release(MaxReads);
        _file.Dispose();
        _lock.Dispose();
    }

    private DiskCacheSlot? Pin(in Digest digest, int lengthBytes)
    {
        lock (_gate)
        {
            if (_readPause.IsOn || _table.Find(digest) is not { } slot || slot.LengthBytes != lengthBytes)
            {
                _misses++;
                return null;
            }

            slot.Pin();
            return slot;
        }
    }

    private bool Read(DiskCacheSlot slot, Span<byte> destination)
    {
        var offset = _layout.OffsetOf(slot.Unit);
        try
        {
            var read = _file.Read(offset, destination);
            _file.Forget(offset, read);
            _readPause.End();
        }
        catch (Exception error) when (IsOfDevice(error))
        {
            Lose(slot, ref _errors);
            var pause = _readPause.Begin();
            Report($"The disk cache could not be read, and is not for the next {pause.TotalSeconds:0} s", error);
            return false;
        }

        var isGood = Digest.Compute(destination) == slot.Digest;
        if (isGood)
        {
            Count(slot);
        }
        else
        {
            Lose(slot, ref _badCopies);
            Report($"The disk cache had other bytes of segment {slot.Digest} than were written: dropped", null);
        }

        return isGood;
    }

    private void Count(DiskCacheSlot slot)
    {
        lock (_gate)
        {
            slot.Use();
            _hits++;
            _bytesRead += slot.LengthBytes;
        }
    }

    /// <summary>Takes out what cannot be had. Rare, hence under the lock: nobody else has these units meanwhile.
    /// </summary>
    private void Lose(DiskCacheSlot slot, ref long counter)
    {
        lock (_gate)
        {
            counter++;
            _misses++;
            if (_table.Holds(slot))
            {
                _table.Remove(slot);
                TryClear(slot);
            }
        }
    }

    private void TryClear(DiskCacheSlot slot)
    {
        try
        {
            Span<byte> none = stackalloc byte[DiskCacheEntry.SizeBytes];
            none.Clear();
            _file.Write(_layout.EntryOffsetOf(slot.Unit), none);
        }
        catch (Exception error) when (IsOfDevice(error))
        {
            // It comes back at the next start, and is found out again.
            _errors++;
        }
    }

    private static bool IsOfDevice(Exception error) => error is IOException or UnauthorizedAccessException;

    private void Report(string what, Exception? error) => Troubled?.Invoke(what, error);
}
