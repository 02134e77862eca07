using System.Runtime.CompilerServices;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Notes which units of a disk's stored bytes a guest touches, each when it does so first. A touch that is not the
/// first costs the test of a bit; a recorder that has stopped costs a comparison.
/// </summary>
internal sealed class TouchRecorder
{
    /// <summary>Most first touches; then it stops.</summary>
    public const int MaxTouches = 4 * SegmentTrace.MaxEntries;

    private const int MinUnitShift = 16;
    private const long MaxUnits = 4L << 20; // 512 KiB of bits
    private const int BitsPerWord = 64;

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<(long Unit, long At)> _touches = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<long>? _follower;
    private ulong[]? _seen;
    private long _last;

    /// <param name="disk">The disk.</param>
    /// <param name="time">The clock.</param>
    public TouchRecorder(DiskInfo disk, TimeProvider time)
    {
        var bytes = DiskLayers.StoredBytesOf(disk);
        var unitBytes = disk.Format?.StripeUnitBytes ?? disk.SegmentSizeBytes;
        UnitShift = Math.Max(MinUnitShift, int.TrailingZeroCount(unitBytes));
        while (bytes >> UnitShift >= MaxUnits)
        {
            UnitShift++;
        }

        _time = time;
        _seen = new ulong[(bytes >> UnitShift) / BitsPerWord + 1];
    }

    /// <summary>Binary logarithm of a unit's bytes: units of one segment each, or less where it is striped.</summary>
    public int UnitShift { get; }

    /// <summary>Completes when a unit is touched.</summary>
    public Task FirstTouch => _first.Task;

    /// <summary>When the last unit was touched first; null before there is one.</summary>
    public long? LastTouch => _first.Task.IsCompleted ? Interlocked.Read(ref _last) : null;

    /// <summary>Whether it has stopped.</summary>
    public bool HasStopped => Volatile.Read(ref _seen) is null;

    /// <summary>A guest asks for bytes: the hot path, which neither waits nor allocates.</summary>
    /// <param name="offset">First byte, on the disk.</param>
    /// <param name="length">At least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(long offset, int length)
    {
        if (_seen is { } seen)
        {
            var unit = offset >> UnitShift;
            if ((offset + length - 1) >> UnitShift != unit || !IsSeen(seen, unit))
            {
                TouchNew(unit, (offset + length - 1) >> UnitShift);
            }
        }
    }

    /// <summary>Tells one more follower of all first touches so far, and of each that comes.</summary>
    /// <param name="follower">Gets the unit; must not wait.</param>
    public void Follow(Action<long> follower)
    {
        lock (_gate)
        {
            _touches.ForEach(touch => follower(touch.Unit));
            _follower += follower;
        }
    }

    /// <summary>Ends it.</summary>
    /// <returns>The units that were touched, in order, and when.</returns>
    public IReadOnlyList<(long Unit, long At)> Stop()
    {
        lock (_gate)
        {
            Volatile.Write(ref _seen, null);
            _follower = null;
            return _touches;
        }
    }

    private static bool IsSeen(ulong[] seen, long unit) =>
        unit / BitsPerWord < seen.Length && (seen[unit / BitsPerWord] >> (int)(unit % BitsPerWord) & 1) != 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TouchNew(long first, long last)
    {
        lock (_gate)
        {
            for (var unit = first; unit <= last && _seen is { } seen && unit / BitsPerWord < seen.Length; unit++)
            {
                if (!IsSeen(seen, unit))
                {
                    seen[unit / BitsPerWord] |= 1UL << (int)(unit % BitsPerWord);
                    Add(unit);
                }
            }
        }
    }

    private void Add(long unit)
    {
        Interlocked.Exchange(ref _last, _time.GetTimestamp());
        _touches.Add((unit, _last));
        _first.TrySetResult();
        _follower?.Invoke(unit);
        if (_touches.Count == MaxTouches)
        {
            Volatile.Write(ref _seen, null);
        }
    }
}
