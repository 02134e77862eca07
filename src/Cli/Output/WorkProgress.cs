using System.Globalization;
using Spectre.Console;

namespace SnapshotGrains.Cli.Output;

/// <summary>
/// Shows on standard error how work at the server goes: a bar on a terminal, otherwise a line every few seconds,
/// nothing where the user wants quiet.
/// </summary>
/// <param name="output">How the verb prints.</param>
/// <param name="time">The clock of lines.</param>
internal sealed class WorkProgress(VerbOutput output, TimeProvider time)
{
    /// <summary>Leaves room for the text in 80 columns.</summary>
    private const int BarWidth = 16;

    /// <summary>Watches work under a progress display.</summary>
    /// <param name="title">What is done.</param>
    /// <param name="work">Watches it, and tells how far it is.</param>
    public async Task<T> RunAsync<T>(string title, Func<Action<WorkState>, Task<T>> work)
    {
        if (!output.IsTalkative)
        {
            return await work(static _ => { });
        }

        return output.Console.IsErrorTerminal
            ? await RunWithBarAsync(title, work)
            : await RunWithLinesAsync(title, work);
    }

    /// <summary>What a line says: <c>Flattening vm1: 40 %, 206 MiB/s</c>.</summary>
    internal static string Line(string title, WorkState state)
    {
        // Work that is not done is never said to be, whatever the rounding.
        var percent = Math.Floor(100 * state.Fraction).ToString("0", CultureInfo.InvariantCulture);
        return $"{title}: {percent} %, {state.Text}";
    }

    private Task<T> RunWithBarAsync<T>(string title, Func<Action<WorkState>, Task<T>> work)
    {
        var text = new TextStateColumn();
        return output.Console.AnsiError.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn { Width = BarWidth }, new PercentageColumn(), text)
            .StartAsync(async display =>
            {
                var task = display.AddTask(Markup.Escape(title), maxValue: 1);
                return await work(state => text.Report(task, state));
            });
    }

    private Task<T> RunWithLinesAsync<T>(string title, Func<Action<WorkState>, Task<T>> work)
    {
        var last = WorkState.Unknown;
        return ProgressLines.RunAsync(
            output.Console.Error,
            time,
            () => Line(title, Volatile.Read(ref last)),
            () => work(state => Volatile.Write(ref last, state)));
    }
}
