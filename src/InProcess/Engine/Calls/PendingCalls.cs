using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>
/// A sender's calls without an answer, in the order sent, so that a sweep finds those that have timed out at the
/// front. Striped by thread; the last stripe is for methods with a time-out of their own.
/// </summary>
internal sealed class PendingCalls : IDisposable
{
    private const int StripeCount = 8;
    private static readonly TimeSpan LongestSweepPeriod = TimeSpan.FromSeconds(1);
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, StripeCount + 1).Select(_ => new Stripe())];
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly ITimer _timer;

    public PendingCalls(TimeProvider time, TimeSpan limit)
    {
        _time = time;
        _limit = limit;
        var period = TimeSpan.FromTicks(
            Math.Clamp(limit.Ticks / 4, TimeSpan.TicksPerMillisecond, LongestSweepPeriod.Ticks));
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static state => ((PendingCalls)state!).Sweep(), this, period, period);
        }
    }

    public void Add(GrainCall call)
    {
        call.Sent = _time.GetTimestamp();
        var index = call.Method.ResponseTimeout is null
            ? Environment.CurrentManagedThreadId % StripeCount
            : StripeCount;
        _stripes[index].Add(call);
    }

    public static void Remove(GrainCall call) => call.Pending?.Remove(call);

    public void FailAll(Exception exception)
    {
        foreach (var call in _stripes.SelectMany(stripe => stripe.Where(_ => true)))
        {
            call.Reject(exception);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        for (var i = 0; i < _stripes.Length; i++)
        {
            var own = i == StripeCount;
            foreach (var call in _stripes[i].Where(call => Elapsed(call, now) > Limit(call), inOrder: !own))
            {
                call.TimeOut(Limit(call), Elapsed(call, now));
            }
        }
    }

    private TimeSpan Limit(GrainCall call) => call.Method.ResponseTimeout ?? _limit;

    private TimeSpan Elapsed(GrainCall call, long now) => _time.GetElapsedTime(call.Sent, now);

    /// <summary>A list under a lock.</summary>
    internal sealed class Stripe
    {
        private readonly Lock _lock = new();
        private GrainCall? _head;
        private GrainCall? _tail;

        public void Add(GrainCall call)
        {
            lock (_lock)
            {
                call.Pending = this;
                call.PreviousPending = _tail;
                if (_tail is null)
                {
                    _head = call;
                }
                else
                {
                    _tail.NextPending = call;
                }

                _tail = call;
            }
        }

        public void Remove(GrainCall call)
        {
            lock (_lock)
            {
                if (call.Pending is null)
                {
                    return;
                }

                call.Pending = null;
                Unlink(call);
            }
        }

        private void Unlink(GrainCall call)
        {
            var (previous, next) = (call.PreviousPending, call.NextPending);
            if (previous is null)
            {
                _head = next;
            }
            else
            {
                previous.NextPending = next;
            }

            if (next is null)
            {
                _tail = previous;
            }
            else
            {
                next.PreviousPending = previous;
            }

            call.NextPending = call.PreviousPending = null;
        }

        public List<GrainCall> Where(Func<GrainCall, bool> wanted, bool inOrder = false)
        {
            List<GrainCall> found = [];
            lock (_lock)
            {
                for (var call = _head; call is not null; call = call.NextPending)
                {
                    if (wanted(call))
                    {
                        found.Add(call);
                    }
                    else if (inOrder)
                    {
                        break;
                    }
                }
            }

            return found;
        }
    }
}
