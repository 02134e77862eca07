namespace SnapshotGrains.Silo;

/// <summary>The settings are wrong; the message lists every wrong one, its value and what it should be.</summary>
public sealed class SiloConfigurationException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    /// <summary>One sentence for each wrong setting.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
