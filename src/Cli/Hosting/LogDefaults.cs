namespace SnapshotGrains.Cli.Hosting;

/// <summary>
/// How silos in this process log where nobody said otherwise. Set as the environment variables that a user would
/// set, which the silos' configuration reads.
/// </summary>
internal static class LogDefaults
{
    /// <summary>Errors only: the demo's silo is meant to die, and its guests come by the dozen.</summary>
    public static void UseErrorsOnly(CliHost host)
    {
        Default(host, "Logging__LogLevel__Default", "Error");
        Default(host, "Logging__LogLevel__Orleans", "Error");
    }

    private static void Default(CliHost host, string variable, string value)
    {
        if (string.IsNullOrEmpty(host.Environment(variable)))
        {
            host.SetEnvironment(variable, value);
        }
    }
}
