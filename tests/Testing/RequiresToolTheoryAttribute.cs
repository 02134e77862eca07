namespace SnapshotGrains.Testing;

/// <summary>The same as <see cref="RequiresToolFactAttribute"/>, for a test with cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresToolTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the tools, <see cref="Tools.Nbdsh"/> among them.</summary>
    public RequiresToolTheoryAttribute(params string[] tools)
    {
        Skip = Tools.SkipReason(tools);
    }
}
