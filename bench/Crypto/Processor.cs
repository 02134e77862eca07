namespace SnapshotGrains.Bench.Crypto;

/// <summary>What the figures were measured on.</summary>
internal static class Processor
{
    private const string Info = "/proc/cpuinfo";

    /// <summary>The model as Linux names it.</summary>
    public static string Name => !File.Exists(Info) ? "unknown" : File.ReadLines(Info)
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        ?? "unknown";
}
