namespace SnapshotGrains.Disks;

/// <summary>Spreads bytes over time, at a rate that may change at any moment. Thread-safe.</summary>
internal sealed class RateLimit(TimeProvider time)
{
    /// <summary>A change of the limit is noticed at the latest after this.</summary>
    private static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private double _debtBytes;
    private long _paidAt = time.GetTimestamp();
    private long _bytesPerSecond;

    /// <summary>Most bytes a second; null: no limit.</summary>
    public long? BytesPerSecond
    {
        get => Volatile.Read(ref _bytesPerSecond) is not 0 and var limit ? limit : null;
        set => Volatile.Write(ref _bytesPerSecond, value ?? 0);
    }

    /// <summary>Waits until what was taken so far is paid for; then takes <paramref name="bytes"/>.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        while (NapBefore(bytes) is var nap && nap > TimeSpan.Zero)
        {
            await Task.Delay(nap < LongestNap ? nap : LongestNap, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan NapBefore(long bytes)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            var paid = time.GetElapsedTime(_paidAt, now).TotalSeconds * BytesPerSecond ?? double.PositiveInfinity;
            _debtBytes = Math.Max(0, _debtBytes - paid);
            _paidAt = now;
            if (_debtBytes > 0)
            {
                return TimeSpan.FromSeconds(_debtBytes / BytesPerSecond!.Value) + TimeSpan.FromMilliseconds(1);
            }

            _debtBytes += bytes;
            return TimeSpan.Zero;
        }
    }
}
