using System.Diagnostics;

namespace SnapshotGrains.Testing;

/// <summary>Finds and runs the tools of other people that tests compare us with.</summary>
public static class Tools
{
    /// <summary>nbdsh as a library: Debian's python3 with the module nbd (package python3-libnbd).</summary>
    public const string Nbdsh = "nbdsh";

    private const string DebianPython = "/usr/bin/python3";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);
    private static readonly Lazy<bool> PythonHasNbd = new(CanImportNbd);

    /// <summary>Debian keeps PostgreSQL's server programs off the path, a folder a version.</summary>
    private static readonly Lazy<string[]> PostgresFolders = new(() => Directory.Exists("/usr/lib/postgresql")
        ? [.. Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(f => Path.Combine(f, "bin"))]
        : []);

    /// <summary>
    /// True where every needed tool must be there: a missing one fails its tests instead of skipping.
    /// </summary>
    public static bool IsCi =>
        string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Names those of <paramref name="tools"/> that are not installed.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<string> tools) =>
        tools.Where(t => t == Nbdsh ? !PythonHasNbd.Value : Find(t) is null).ToArray();

    /// <summary>The reason to skip a test, or null to run it.</summary>
    public static string? SkipReason(IEnumerable<string> tools)
    {
        var missing = Missing(tools);
        return missing.Count == 0 || IsCi ? null : $"needs {string.Join(", ", missing)}";
    }

    /// <summary>The path of a program, looked for like a shell does; null: not installed.</summary>
    public static string? Find(string tool)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/bin", "/usr/sbin", .. PostgresFolders.Value]);
        return folders.Where(f => f.Length > 0).Select(f => Path.Combine(f, tool)).FirstOrDefault(File.Exists);
    }

    /// <summary>Runs a Python script with the module nbd.</summary>
    public static Task<ToolResult> RunNbdshAsync(string script, params string[] arguments) =>
        RunAsync(DebianPython, ["-c", script, .. arguments]);

    /// <summary>Runs a tool to its end; it is killed after a minute.</summary>
    public static Task<ToolResult> RunAsync(string tool, params string[] arguments) =>
        RunAsync(tool, DefaultTimeout, arguments);

    /// <summary>Runs a tool to its end; it is killed after <paramref name="timeout"/>.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    /// <exception cref="TimeoutException">It did not end.</exception>
    public static async Task<ToolResult> RunAsync(string tool, TimeSpan timeout, params string[] arguments)
    {
        var path = Find(tool) ?? throw new FileNotFoundException($"The tool '{tool}' is not installed.", tool);
        using var process = new Process { StartInfo = Describe(path, arguments) };
        process.Start();
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw new TimeoutException(
                $"{tool} {string.Join(' ', arguments)} did not end in {timeout}: {await output}{await errors}");
        }

        return new ToolResult($"{tool} {string.Join(' ', arguments)}", process.ExitCode, await output, await errors);
    }

    private static ProcessStartInfo Describe(string path, string[] arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    private static bool CanImportNbd()
    {
        if (Find(DebianPython) is null)
        {
            return false;
        }

        using var process = Process.Start(Describe(DebianPython, ["-c", "import nbd"]))!;
        process.StandardInput.Close();
        process.WaitForExit((int)DefaultTimeout.TotalMilliseconds);
        return process.HasExited && process.ExitCode == 0;
    }
}
