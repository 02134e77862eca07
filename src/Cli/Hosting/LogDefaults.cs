namespace SnapshotGrains.Cli.Hosting;

/// <summary>
/// How silos in this process log where nobody said otherwise. Set as the environment variable that a user would set,
/// which the silos' configuration reads.
/// </summary>
internal static class LogDefaults
{
    /// <summary>The console's own rule comes before the rules by category that the silos bring along.</summary>
    private const string ConsoleLevel = "Logging__Console__LogLevel__Default";

    private const string Level = "Logging__LogLevel__Default";

    /// <summary>Errors only: the demo's silo is meant to die, and its guests come by the dozen.</summary>
    public static void UseErrorsOnly(CliHost host)
    {
        if (string.IsNullOrEmpty(host.Environment(Level)) && string.IsNullOrEmpty(host.Environment(ConsoleLevel)))
        {
            host.SetEnvironment(ConsoleLevel, "Error");
        }
    }
}
