using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace SnapshotGrains.Engine.Tests.State;

public sealed class StateGrain(
    [PersistentState("counter")] IPersistentState<CounterState> state,
    [PersistentState("broken", "Broken")] IPersistentState<CounterState> broken,
    IServiceProvider services) : Grain, IStateGrain
{
    private static readonly ConcurrentDictionary<string, int> Activations = new();
    private int _activation;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _activation = Activations.AddOrUpdate(this.GetPrimaryKeyString(), 1, static (_, count) => count + 1);
        return Task.CompletedTask;
    }

    public Task<int> ActivationAsync() => Task.FromResult(_activation);

    public async Task<string> AddAsync(string entry)
    {
        state.State.Count++;
        state.State.Log.Add(entry);
        var before = state.Etag;
        await state.WriteStateAsync();
        state.Etag.Should().NotBeNullOrEmpty().And.NotBe(before);
        return await ReadAsync();
    }

    public Task<string> ReadAsync() =>
        Task.FromResult($"{string.Join(",", state.State.Log)} {state.State.Count} {state.RecordExists}");

    public Task ClearAsync() => state.ClearStateAsync();

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task ScribbleAsync()
    {
        state.State.Log.Add("scribble");
        return Task.CompletedTask;
    }

    public async Task ConflictAsync()
    {
        var store = services.GetRequiredService<IGrainStorage>();
        var other = new GrainState<CounterState>();
        await store.ReadStateAsync("counter", this.GetGrainId(), other);
        other.State!.Log.Add("other");
        await store.WriteStateAsync("counter", this.GetGrainId(), other);
        state.State.Count = 100;
        await state.WriteStateAsync();
    }

    public async Task BreakAsync()
    {
        broken.State.Count = 1;
        await broken.WriteStateAsync();
    }
}
