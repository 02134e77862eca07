using Orleans;
using Orleans.Concurrency;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>Has a segment, and gives it to who calls.</summary>
internal interface IPayloadGrain : IGrainWithIntegerKey
{
    Task<Immutable<byte[]>> GetAsync();

    Task<PooledPayload> GetPooledAsync();
}
