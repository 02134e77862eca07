namespace SnapshotGrains.Engine.Tests.Load;

/// <summary>Tests that want the machine for themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SequentialGroup
{
    public const string Name = "sequential";
}
