namespace SnapshotGrains.Storage;

/// <summary>
/// How long a device that failed is left alone: a second after the first error, twice as long after each further one,
/// until something succeeds. Thread-safe.
/// </summary>
internal sealed class ErrorPause(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private TimeSpan _length;
    private long _since;

    /// <summary>Whether it is to be left alone now.</summary>
    public bool IsOn
    {
        get
        {
            lock (_gate)
            {
                return _length > TimeSpan.Zero && time.GetElapsedTime(_since) < _length;
            }
        }
    }

    /// <summary>It has failed.</summary>
    /// <returns>For how long it is left alone.</returns>
    public TimeSpan Begin()
    {
        lock (_gate)
        {
            _since = time.GetTimestamp();
            _length = _length == TimeSpan.Zero ? First : _length < Longest / 2 ? _length * 2 : Longest;
            return _length;
        }
    }

    /// <summary>It works.</summary>
    public void End()
    {
        lock (_gate)
        {
            _length = TimeSpan.Zero;
        }
    }
}
