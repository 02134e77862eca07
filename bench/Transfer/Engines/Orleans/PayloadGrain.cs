using Orleans;
using Orleans.Concurrency;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>Interleaves all calls and allocates nothing to answer one.</summary>
[Reentrant, KeepAlive]
internal sealed class PayloadGrain : Grain, IPayloadGrain
{
    private readonly byte[] _segment = new byte[1 << 20];

    public Task<Immutable<byte[]>> GetAsync() => Task.FromResult(new Immutable<byte[]>(_segment));

    public Task<PooledPayload> GetPooledAsync() => Task.FromResult(new PooledPayload(_segment, _segment.Length));

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        new Random((int)this.GetPrimaryKeyLong()).NextBytes(_segment);
        return Task.CompletedTask;
    }
}
