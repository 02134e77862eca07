using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Classes;
using SnapshotGrains.InProcess.Cluster;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>A silo or client in its role of making calls.</summary>
internal abstract class Sender
{
    private readonly IOutgoingGrainCallFilter[] _filters;
    private readonly PendingCalls _pending;
    private Exception? _stopped;

    protected Sender(ProcessCluster cluster, IServiceProvider services, TimeProvider time, MessagingOptions options)
    {
        Cluster = cluster;
        Services = services;
        Time = time;
        CancelsOnTimeout = options.CancelRequestOnTimeout;
        WaitsForCancellation = options.WaitForCancellationAcknowledgement;
        _pending = new(time, options.ResponseTimeout);
        _filters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        GrainFactory = new(this);
    }

    public ProcessCluster Cluster { get; }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public bool CancelsOnTimeout { get; }

    public bool WaitsForCancellation { get; }

    public GrainFactory GrainFactory { get; }

    /// <summary>The silo whose directors place what this sender calls.</summary>
    /// <exception cref="OrleansMessageRejectionException">There is none.</exception>
    public abstract Silo PlacingSilo { get; }

    public void Send(GrainCall call)
    {
        if (_filters.Length == 0)
        {
            Dispatch(call);
        }
        else
        {
            call.Filtering = OutgoingFilters.RunAsync(call, _filters);
        }
    }

    public void Forget(GrainCall call) => PendingCalls.Remove(call);

    /// <summary>Sends past the filters.</summary>
    public void Dispatch(GrainCall call)
    {
        if (!call.Begin())
        {
            return;
        }

        if (call.Method.IsOneWay)
        {
            call.CompleteOneWay();
        }
        else
        {
            _pending.Add(call);
        }

        if (call.IsAbandoned)
        {
            Forget(call);
            return;
        }

        // Checked after adding, so that a call is either seen by the stop or sees it.
        if (Volatile.Read(ref _stopped) is { } stopped)
        {
            call.Reject(stopped);
            return;
        }

        Cluster.Route(call);
    }

    protected void StopSending(string message)
    {
        var stopped = new SiloUnavailableException(message);
        if (Interlocked.CompareExchange(ref _stopped, stopped, null) is null)
        {
            _pending.Dispose();
            _pending.FailAll(stopped);
        }
    }
}
