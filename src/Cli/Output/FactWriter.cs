using Spectre.Console;

namespace SnapshotGrains.Cli.Output;

/// <summary>Prints facts as aligned lines.</summary>
internal static class FactWriter
{
    /// <summary>Prints the facts.</summary>
    public static void Write(CliConsole console, IReadOnlyList<Fact> facts)
    {
        var width = facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in facts)
        {
            var padding = new string(' ', width - name.Length + 2);
            if (console.IsOutTerminal)
            {
                console.AnsiOut.MarkupLineInterpolated($"[grey]{name}[/]{padding}{value}");
            }
            else
            {
                console.Out.WriteLine($"{name}{padding}{value}");
            }
        }
    }
}
