using Spectre.Console;
using Spectre.Console.Rendering;

namespace SnapshotGrains.Cli.Output;

/// <summary>The part of a progress bar that says what the work itself says; for a display of one task.</summary>
internal sealed class TextStateColumn : ProgressColumn
{
    private string _text = "";

    /// <summary>A second line would make the display jump.</summary>
    protected override bool NoWrap => true;

    /// <summary>Notes how far the work is.</summary>
    public void Report(ProgressTask task, WorkState state)
    {
        Volatile.Write(ref _text, state.Text);
        task.Value = state.Fraction;
    }

    /// <inheritdoc />
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(Volatile.Read(ref _text));
}
