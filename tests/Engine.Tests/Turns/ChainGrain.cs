namespace SnapshotGrains.Engine.Tests.Turns;

public class ChainGrain : Grain, IChainGrain
{
    public async Task<string> ThereAndBackAsync(string other, bool allowReentrancy)
    {
        var grain = GrainFactory.GetGrain<IChainGrain>(other, GetType().FullName);
        if (!allowReentrancy)
        {
            return await grain.BounceAsync(this.GetPrimaryKeyString());
        }

        using (RequestContext.AllowCallChainReentrancy())
        {
            return await grain.BounceAsync(this.GetPrimaryKeyString());
        }
    }

    public Task<string> BounceAsync(string caller) =>
        GrainFactory.GetGrain<IChainGrain>(caller, GetType().FullName).NameAsync();

    public Task<string> NameAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> SelfAsync() => this.AsReference<IChainGrain>().NameAsync();
}
