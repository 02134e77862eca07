namespace SnapshotGrains.Cli.Hosting;

/// <summary>
/// How silos in this process log where nobody said otherwise: beside the results, not among them. Set as the
/// environment variables that a user would set, which the silos' configuration reads.
/// </summary>
internal static class LogDefaults
{
    /// <summary>Everything to standard error, so that standard output stays what was asked for.</summary>
    public static void UseStandardError(CliHost host) =>
        Default(host, "Logging__Console__LogToStandardErrorThreshold", "Trace");

    /// <summary>Errors only, to standard error: the demo's silo is meant to die.</summary>
    public static void UseErrorsOnly(CliHost host)
    {
        UseStandardError(host);
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
