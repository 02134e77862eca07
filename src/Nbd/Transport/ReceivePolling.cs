using System.Diagnostics;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Decides how long to look for the next request before sleeping. Waking a sleeping thread, and on a virtual machine
/// its core, costs more than serving a small read. With few requests outstanding the thread therefore looks for some
/// microseconds, offering the core to others each time; with many it only offers the core a few times, so that
/// requests gather to a batch. Looking that never pays is given up but for a trial now and then.
/// </summary>
internal struct ReceivePolling(TimeSpan pollTime)
{
    private const int FewRequestsBytes = 4 * RequestHeader.Bytes;
    private const int TriesWithManyRequests = 4;
    private const int ForgetDepthAfter = 64;
    private const int MissesToGiveUp = 8;
    private const int TrialEvery = 32;

    private readonly long _pollTicks = Environment.ProcessorCount == 1
        ? 0
        : (long)(pollTime.TotalSeconds * Stopwatch.Frequency);

    private long _deadline;
    private int _triesLeft;
    private int _depthBytes;
    private int _depthAge;
    private int _misses;

    /// <summary>Starts to look. False: sleep at once.</summary>
    public bool Begin()
    {
        if (_pollTicks == 0 || (_misses >= MissesToGiveUp && _misses++ % TrialEvery != 0))
        {
            return false;
        }

        _triesLeft = _depthBytes > FewRequestsBytes ? TriesWithManyRequests : int.MaxValue;
        _deadline = Stopwatch.GetTimestamp() + _pollTicks;
        return true;
    }

    /// <summary>Called when there was nothing: lets other threads run. False: sleep.</summary>
    public bool Again()
    {
        Thread.Yield();
        if (--_triesLeft > 0 && Stopwatch.GetTimestamp() < _deadline)
        {
            return true;
        }

        _misses++;
        return false;
    }

    /// <summary>Takes note of what came; the largest recent receive tells how many requests are outstanding.</summary>
    public void Received(int bytes, bool whilePolling)
    {
        _misses = whilePolling ? 0 : _misses;
        if (bytes >= _depthBytes || ++_depthAge >= ForgetDepthAfter)
        {
            _depthBytes = bytes;
            _depthAge = 0;
        }
    }
}
