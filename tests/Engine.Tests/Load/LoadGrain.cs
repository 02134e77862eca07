using Orleans.Placement;

namespace SnapshotGrains.Engine.Tests.Load;

[PreferLocalPlacement]
public sealed class LoadGrain : Grain, ILoadGrain
{
    private long _count;

    public ValueTask<long> NextAsync() => new(++_count);

    public async Task<long> CallAsync(string other, int times)
    {
        var grain = GrainFactory.GetGrain<ILoadGrain>(other);
        var last = 0L;
        for (var i = 0; i < times; i++)
        {
            last = await grain.NextAsync();
        }

        return last;
    }
}
