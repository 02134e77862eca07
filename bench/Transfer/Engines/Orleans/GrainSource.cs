using System.Buffers;
using Orleans;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>A grain call for each segment; what it returns is used where it is, which spares it a copy.</summary>
internal sealed class GrainSource(IGrainFactory grains, bool isPooled) : ISource
{
    public async ValueTask FetchAsync(int number, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var grain = grains.GetGrain<IPayloadGrain>(number);
        int length;
        if (isPooled)
        {
            var payload = await grain.GetPooledAsync().WaitAsync(cancellationToken);
            length = payload.Length;
            ArrayPool<byte>.Shared.Return(payload.Array);
        }
        else
        {
            length = (await grain.GetAsync().WaitAsync(cancellationToken)).Value.Length;
        }

        if (length != destination.Length)
        {
            throw new InvalidDataException($"Grain {number} sent {length} bytes.");
        }
    }
}
