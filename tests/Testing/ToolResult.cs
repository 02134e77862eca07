namespace SnapshotGrains.Testing;

/// <summary>How a tool ended.</summary>
/// <param name="Command">What was run.</param>
/// <param name="ExitCode">0 for success, as a rule.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record ToolResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Fails the test, with all that the tool said, unless it succeeded.</summary>
    public ToolResult ShouldSucceed()
    {
        if (ExitCode != 0)
        {
            throw new InvalidOperationException($"{Command}\nexited with {ExitCode}\n{Output}\n{Errors}");
        }

        return this;
    }
}
