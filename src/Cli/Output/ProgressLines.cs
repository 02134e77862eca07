namespace SnapshotGrains.Cli.Output;

/// <summary>Shows progress where no terminal is: a line every few seconds.</summary>
internal static class ProgressLines
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Does the work, and writes what <paramref name="line"/> gives while it goes on.</summary>
    public static async Task<T> RunAsync<T>(TextWriter writer, TimeProvider time, Func<string> line, Func<Task<T>> work)
    {
        using var ended = new CancellationTokenSource();
        var lines = WriteAsync(writer, time, line, ended.Token);
        try
        {
            return await work();
        }
        finally
        {
            await ended.CancelAsync();
            await lines;
        }
    }

    private static async Task WriteAsync(
        TextWriter writer, TimeProvider time, Func<string> line, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                await writer.WriteLineAsync(line());
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The work has ended; what it came to is for the verb to say.
        }
    }
}
