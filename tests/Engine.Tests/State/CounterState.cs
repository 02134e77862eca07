namespace SnapshotGrains.Engine.Tests.State;

[GenerateSerializer]
public sealed class CounterState
{
    [Id(0)]
    public int Count { get; set; }

    [Id(1)]
    public List<string> Log { get; set; } = [];
}
