namespace SnapshotGrains.Disks.Tests;

/// <summary>Holds the reads of a parent's segments until the test lets them go.</summary>
internal sealed class LeaseGate
{
    private readonly SemaphoreSlim _permits = new(0);
    private readonly ProbedPlane _plane;

    public LeaseGate(ProbedPlane plane)
    {
        _plane = plane;
        plane.BeforeLease = (_, _) => _permits.WaitAsync();
    }

    /// <summary>Lets reads go that wait, or come.</summary>
    public void Pass(int count = 1) => _permits.Release(count);

    public void Open()
    {
        _plane.BeforeLease = (_, _) => Task.CompletedTask;
        _permits.Release(10_000);
    }
}
