namespace SnapshotGrains.Images.Tests;

/// <summary>Tests that compare times: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TimingCollection
{
    /// <summary>Its name.</summary>
    public const string Name = "timing";
}
