using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using SnapshotGrains.Engine.Tests.Activations;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

public sealed class CallGrain : Grain, ICallGrain
{
    public async Task WaitAsync(string gate, CancellationToken cancellationToken)
    {
        try
        {
            await Gate.Of(gate).PassAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Gate.Of(gate + "-cancelled").Touch();
            throw;
        }
    }

    public async Task ThrowAsync(string message)
    {
        await Task.Yield();
        ThrowFromHere(message);
    }

    public Task ThrowOnOtherSiloAsync(string grain, string message) =>
        GrainFactory.GetGrain<ICallGrain>(grain).ThrowAsync(message);

    public async Task<string?> ContextAsync(string name, int hops) => hops == 0
        ? (string?)RequestContext.Get(name)
        : await GrainFactory.GetGrain<ICallGrain>($"{this.GetPrimaryKeyString()}-{hops}").ContextAsync(name, hops - 1);

    public Task<Payload> EchoAsync(Payload payload) => Task.FromResult(payload);

    public ValueTask<ImmutableArray<Payload>> EchoManyAsync(ImmutableArray<Payload> payloads) => new(payloads);

    public Task<ICallGrain> ReferenceAsync(string key) => Task.FromResult(GrainFactory.GetGrain<ICallGrain>(key));

    public Task<string> CallAsync(ICallGrain grain) => grain.KeyAsync();

    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowFromHere(string message) => throw new TestFailureException(message, null);
}
