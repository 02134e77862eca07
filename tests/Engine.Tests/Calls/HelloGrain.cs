using Orleans.Placement;

namespace SnapshotGrains.Engine.Tests.Calls;

[RandomPlacement]
public sealed class HelloGrain(ILocalSiloDetails silo) : Grain, IHelloGrain
{
    public Task<string> SayAsync(string name) => Task.FromResult($"Hello {name} from {this.GetPrimaryKeyString()}");

    public async ValueTask<string> WhereAsync()
    {
        await Task.Yield();
        return silo.SiloAddress.ToParsableString();
    }
}
