using System.CommandLine;
using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Output;

/// <summary>
/// How one verb prints: for people, for programs (<c>--json</c>), or the bare minimum (<c>--quiet</c>).
/// </summary>
/// <param name="console">Where to.</param>
/// <param name="json">JSON only.</param>
/// <param name="quiet">Names and values only.</param>
internal sealed class VerbOutput(CliConsole console, bool json, bool quiet)
{
    /// <summary>Where it goes.</summary>
    public CliConsole Console => console;

    /// <summary>Whether standard output is to be one JSON document.</summary>
    public bool IsJson => json;

    /// <summary>Whether progress and confirmations are wanted.</summary>
    public bool IsTalkative => !json && !quiet;

    /// <summary>As the global options say.</summary>
    public static VerbOutput Of(CliHost host, ParseResult arguments) => new(
        host.Console, arguments.GetValue(host.Globals.Json), arguments.GetValue(host.Globals.Quiet));

    /// <summary>Prints the outcome of a verb that changed something: JSON, or a confirmation.</summary>
    public void Confirm<T>(T result, Func<T, string> sentence)
    {
        if (json)
        {
            WriteJson(result);
        }
        else if (!quiet)
        {
            console.Out.WriteLine(sentence(result));
        }
    }

    /// <summary>Prints a list: JSON, a table, or one name a line.</summary>
    public void List<T>(IReadOnlyList<T> items, Table<T> table)
    {
        if (json)
        {
            WriteJson(items);
        }
        else if (quiet)
        {
            foreach (var item in items)
            {
                console.Out.WriteLine(table.NameOf(item));
            }
        }
        else
        {
            TableWriter.Write(console, table.Headers, [.. items.Select(table.CellsOf)]);
        }
    }

    /// <summary>Prints one thing: JSON, or a line per fact.</summary>
    public void Describe<T>(T item, Func<T, IReadOnlyList<Fact>> facts)
    {
        if (json)
        {
            WriteJson(item);
        }
        else
        {
            FactWriter.Write(console, facts(item));
        }
    }

    /// <summary>Prints JSON, in one line.</summary>
    public void WriteJson<T>(T value) => console.Out.WriteLine(CliJson.Of(value));
}
