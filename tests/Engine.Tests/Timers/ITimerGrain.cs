namespace SnapshotGrains.Engine.Tests.Timers;

public interface ITimerGrain : IGrainWithStringKey
{
    Task StartAsync(string gate, bool interleave);

    Task<int> RunsAsync();

    Task<bool> HoldAsync(string gate, int runs);

    Task StopAsync();

    Task FailFirstAsync();

    Task ChangeAsync();

    Task LeaveAsync();
}
