namespace SnapshotGrains.Storage;

/// <summary>
/// How long a device that failed is left alone: a second after the first error, twice as long after each further one,
/// until something succeeds. Thread-safe.
/// </summary>
internal sealed class ErrorPause(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private volatile Pause? _last;

    /// <summary>Whether it is to be left alone now.</summary>
    public bool IsOn => _last is { } last && time.GetElapsedTime(last.Since) < last.Length;

    /// <summary>It has failed.</summary>
    /// <returns>For how long it is left alone.</returns>
    public TimeSpan Begin()
    {
        var length = _last is { } last ? (last.Length < Longest / 2 ? last.Length * 2 : Longest) : First;
        _last = new Pause(time.GetTimestamp(), length);
        return length;
    }

    /// <summary>It works.</summary>
    public void End() => _last = null;

    private sealed record Pause(long Since, TimeSpan Length);
}
