namespace SnapshotGrains.Engine.Tests.Turns;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Stands at the gate; returns how many calls were inside at most.</summary>
    Task<int> WorkAsync(string gate);

    Task<int> IncrementAsync(int times);

    [AlwaysInterleave]
    Task<string> InterleaveAsync();

    [ReadOnly]
    Task<int> ReadAsync(string gate);

    Task<bool> KeepsSchedulerAsync();

    [OneWay]
    Task NotifyAsync(string gate);
}
