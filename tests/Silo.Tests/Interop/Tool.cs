using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Runs other people's tools.</summary>
internal static class Tool
{
    /// <summary>Generous: a test machine may be busy with much else.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs to the end and returns exit code and output, both streams together.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string tool, params string[] arguments)
    {
        var result = await Tools.RunAsync(tool, Timeout, arguments);
        return (result.ExitCode, result.Output + result.Errors);
    }

    /// <summary>Runs to the end; the tool must succeed.</summary>
    public static async Task<string> CheckAsync(string tool, params string[] arguments)
    {
        var result = await Tools.RunAsync(tool, Timeout, arguments);
        result.ExitCode.Should().Be(
            0, "{0} {1} said: {2}", tool, string.Join(' ', arguments), result.Output + result.Errors);
        return result.Output;
    }
}
