namespace SnapshotGrains.Engine.Tests.Load;

public interface ILoadGrain : IGrainWithStringKey
{
    ValueTask<long> NextAsync();

    /// <summary>Calls another grain so many times, one after the other; returns the other's last answer.</summary>
    Task<long> CallAsync(string other, int times);
}
