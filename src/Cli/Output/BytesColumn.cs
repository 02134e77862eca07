using SnapshotGrains.Storage;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SnapshotGrains.Cli.Output;

/// <summary>The part of a progress bar that says how many bytes are through, of how many, and how fast.</summary>
internal sealed class BytesColumn : ProgressColumn
{
    private const string DoneKey = "doneBytes";
    private const string TotalKey = "totalBytes";

    /// <summary>Notes how much there is.</summary>
    public static void SetTotal(ProgressTask task, long? totalBytes) =>
        task.State.Update<long>(TotalKey, _ => totalBytes ?? 0);

    /// <summary>Notes how much is done; the bar itself moves only where the total is known.</summary>
    public static void Report(ProgressTask task, long doneBytes, long? totalBytes)
    {
        task.State.Update<long>(DoneKey, _ => doneBytes);
        if (totalBytes is not null)
        {
            task.Value = doneBytes;
        }
    }

    /// <inheritdoc />
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        var done = task.State.Get<long>(DoneKey);
        var total = task.State.Get<long>(TotalKey);
        var seconds = task.ElapsedTime?.TotalSeconds ?? 0;
        var rate = seconds > 0 ? $" {ByteSize.Approximate((long)(done / seconds))}/s" : "";
        var of = total > 0 ? $" of {ByteSize.Approximate(total)}" : "";
        return new Text($"{ByteSize.Approximate(done)}{of}{rate}");
    }
}
