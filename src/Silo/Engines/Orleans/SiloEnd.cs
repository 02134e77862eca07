using System.Runtime.InteropServices;
using Orleans.Runtime;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>
/// Ends the process of a silo that cannot go on, above all because the others voted it out while its machine hung or
/// was cut off.
/// </summary>
/// <remarks>
/// At once, as a crash would: by now others may own what it had. Orleans' own handler lets two seconds pass first, and
/// prints stacks that say nothing to an operator.
/// </remarks>
internal sealed partial class SiloEnd : IFatalErrorHandler
{
    /// <summary>What the program ends with: trying again may help.</summary>
    public const int ExitCode = 5;

    /// <inheritdoc />
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc />
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        Console.Error.WriteLine(Describe(context, exception));
        Exit(ExitCode);
    }

    private static string Describe(string? context, Exception? exception)
    {
        var why = string.Join(' ', new[] { context, exception?.ToString() }.Where(part => part is not null));
        return $"snapgrains: This silo ends, and joins the cluster anew when it is started again. {why}";
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
