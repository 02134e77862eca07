namespace SnapshotGrains.Testing;

/// <summary>
/// How much is done: the quick tier by default, the long one with <c>SNAPSHOTGRAINS_LONG=1</c> (<c>.ci/run --long</c>).
/// </summary>
public static class TestTier
{
    /// <summary>Whether the long tier runs.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("SNAPSHOTGRAINS_LONG") == "1";

    /// <summary>The figure of the tier that runs.</summary>
    public static T Pick<T>(T quick, T full) => IsLong ? full : quick;

    /// <summary>Like <see cref="Pick"/>, unless an environment variable gives another number.</summary>
    public static int Rounds(string variable, int quick, int full) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var rounds) ? rounds : Pick(quick, full);
}
