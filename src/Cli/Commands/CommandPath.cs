using System.CommandLine;

namespace SnapshotGrains.Cli.Commands;

/// <summary>A command as it is typed: <c>snapgrains image import</c>.</summary>
internal static class CommandPath
{
    /// <summary>The program's name, whatever the file it was started from is called.</summary>
    public const string Program = "snapgrains";

    /// <summary>The words that call <paramref name="command"/>.</summary>
    public static string Of(Command command)
    {
        var words = new List<string>();
        for (var at = command; at is not null and not RootCommand; at = at.Parents.OfType<Command>().FirstOrDefault())
        {
            words.Add(at.Name);
        }

        words.Add(Program);
        words.Reverse();
        return string.Join(' ', words);
    }
}
