using System.Globalization;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;
using Spectre.Console;

namespace SnapshotGrains.Cli.Output;

/// <summary>
/// Shows on standard error how a long transfer goes: a bar with rate and remaining time on a terminal, otherwise a
/// line every few seconds, nothing where the user wants quiet.
/// </summary>
/// <param name="output">How the verb prints.</param>
/// <param name="time">The clock of rates and lines.</param>
internal sealed class TransferProgress(VerbOutput output, TimeProvider time)
{
    /// <summary>Runs a transfer under a progress display.</summary>
    /// <param name="title">What is transferred.</param>
    /// <param name="totalBytes">Its size, where known.</param>
    /// <param name="transfer">Does it, and tells how many bytes are through.</param>
    public async Task<T> RunAsync<T>(string title, long? totalBytes, Func<Action<long>, Task<T>> transfer)
    {
        if (!output.IsTalkative)
        {
            return await transfer(static _ => { });
        }

        return output.Console.IsErrorTerminal
            ? await RunWithBarAsync(title, totalBytes, transfer)
            : await RunWithLinesAsync(title, totalBytes, transfer);
    }

    private Task<T> RunWithBarAsync<T>(string title, long? totalBytes, Func<Action<long>, Task<T>> transfer) =>
        output.Console.AnsiError.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new BytesColumn(), new RemainingTimeColumn())
            .StartAsync(async display =>
            {
                var task = display.AddTask(Markup.Escape(title), maxValue: totalBytes ?? 1);
                task.IsIndeterminate = totalBytes is null;
                BytesColumn.SetTotal(task, totalBytes);
                return await transfer(bytes => BytesColumn.Report(task, bytes, totalBytes));
            });

    private Task<T> RunWithLinesAsync<T>(string title, long? totalBytes, Func<Action<long>, Task<T>> transfer)
    {
        var started = time.GetTimestamp();
        var done = 0L;
        return ProgressLines.RunAsync(
            output.Console.Error,
            time,
            () => $"{title}: {Line(Volatile.Read(ref done), totalBytes, time.GetElapsedTime(started))}",
            () => transfer(bytes => Volatile.Write(ref done, bytes)));
    }

    /// <summary>How far a transfer is, as <c>412 MiB of 1 GiB, 40 %, 206 MiB/s, 3.0 s left</c>.</summary>
    internal static string Line(long doneBytes, long? totalBytes, TimeSpan elapsed)
    {
        var rate = doneBytes / Math.Max(elapsed.TotalSeconds, 0.001);
        var speed = $"{ByteSize.Approximate((long)rate)}/s";
        if (totalBytes is not { } total || total == 0)
        {
            return $"{ByteSize.Approximate(doneBytes)}, {speed}";
        }

        var share = (100.0 * doneBytes / total).ToString("0", CultureInfo.InvariantCulture);
        var left = rate > 0 && doneBytes < total
            ? $", {DurationText.Format(TimeSpan.FromSeconds((total - doneBytes) / rate))} left"
            : "";
        return $"{ByteSize.Approximate(doneBytes)} of {ByteSize.Approximate(total)}, {share} %, {speed}{left}";
    }
}
