namespace SnapshotGrains.Testing;

/// <summary>A test of the long tier (see <see cref="TestTier"/>), that may need other people's tools as well.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    /// <summary>Names the tools.</summary>
    public LongFactAttribute(params string[] tools)
    {
        Skip = TestTier.IsLong ? Tools.SkipReason(tools) : "is of the long tier: SNAPSHOTGRAINS_LONG=1";
    }
}
