using Spectre.Console;

namespace SnapshotGrains.Cli.Output;

/// <summary>Prints a table: with a frame on a terminal, as aligned words for other programs.</summary>
internal static class TableWriter
{
    /// <summary>Prints the table.</summary>
    public static void Write(
        CliConsole console, IReadOnlyList<TableColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (console.IsOutTerminal)
        {
            WriteFramed(console.AnsiOut, columns, rows);
        }
        else
        {
            WritePlain(console.Out, columns, rows);
        }
    }

    private static void WriteFramed(
        IAnsiConsole console, IReadOnlyList<TableColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        foreach (var column in columns)
        {
            var head = new Spectre.Console.TableColumn($"[bold]{Markup.Escape(column.Header)}[/]").NoWrap();
            table.AddColumn(column.IsFigure ? head.RightAligned() : head);
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        console.Write(table);
    }

    private static void WritePlain(
        TextWriter output, IReadOnlyList<TableColumn> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<IReadOnlyList<string>> lines = [[.. columns.Select(column => column.Header)], .. rows];
        var widths = columns.Select((_, index) => lines.Max(line => line[index].Length)).ToArray();
        foreach (var line in lines)
        {
            var cells = line.Select((cell, index) =>
                columns[index].IsFigure ? cell.PadLeft(widths[index]) : cell.PadRight(widths[index]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
