using System.Collections.Concurrent;

namespace SnapshotGrains.Engine.Tests.Activations;

/// <summary>Is not collected however idle.</summary>
[KeepAlive]
public sealed class KeptGrain : Grain, ILifeGrain
{
    private static readonly ConcurrentDictionary<string, int> Activations = new();
    private int _activation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _activation = Activations.AddOrUpdate(this.GetPrimaryKeyString(), 1, static (_, count) => count + 1);
        return Task.CompletedTask;
    }

    public Task<int> ActivationAsync() => Task.FromResult(_activation);

    public Task<int> LeaveAsync(string gate) => throw new NotSupportedException();

    public Task<int> WorkAsync(string gate) => throw new NotSupportedException();

    public Task<string> SiloAsync() => throw new NotSupportedException();
}
