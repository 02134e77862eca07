namespace SnapshotGrains.Testing;

/// <summary>
/// A test that runs other people's tools. Where one is missing the test is skipped by its name; with CI=true it runs
/// and fails instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolFactAttribute : FactAttribute
{
    /// <summary>Names the tools, <see cref="Tools.Nbdsh"/> among them.</summary>
    public RequiresToolFactAttribute(params string[] tools)
    {
        Skip = Tools.SkipReason(tools);
    }
}
