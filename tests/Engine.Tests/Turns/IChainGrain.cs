namespace SnapshotGrains.Engine.Tests.Turns;

public interface IChainGrain : IGrainWithStringKey
{
    /// <summary>Calls the other grain, which calls this one back.</summary>
    Task<string> ThereAndBackAsync(string other, bool allowReentrancy);

    Task<string> BounceAsync(string caller);

    Task<string> NameAsync();

    /// <summary>Calls itself.</summary>
    Task<string> SelfAsync();
}
