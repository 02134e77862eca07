using System.Collections.Concurrent;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Activations;

public sealed class LifeGrain(ILocalSiloDetails silo) : Grain, ILifeGrain
{
    private int _activation;

    /// <summary>What happened to the grain of each key, in order.</summary>
    public static ConcurrentDictionary<string, ConcurrentQueue<string>> Events { get; } = new();

    public static ConcurrentQueue<string> EventsOf(string key) => Events.GetOrAdd(key, static _ => new());

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var events = EventsOf(this.GetPrimaryKeyString());
        _activation = events.Count(e => e.StartsWith("activate", StringComparison.Ordinal)) + 1;
        events.Enqueue($"activate {_activation}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        EventsOf(this.GetPrimaryKeyString()).Enqueue($"deactivate {_activation} {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> ActivationAsync() => Task.FromResult(_activation);

    public async Task<int> LeaveAsync(string gate)
    {
        DeactivateOnIdle();
        await Gate.Of(gate).PassAsync();
        return _activation;
    }

    public async Task<int> WorkAsync(string gate)
    {
        await Gate.Of(gate).PassAsync();
        return _activation;
    }

    public Task<string> SiloAsync() => Task.FromResult(silo.SiloAddress.ToParsableString());
}
