namespace SnapshotGrains.Cli.Output;

/// <summary>How far a piece of work is.</summary>
/// <param name="Fraction">The share that is done, from 0 to 1.</param>
/// <param name="Text">The rest of what there is to say.</param>
internal sealed record WorkState(double Fraction, string Text)
{
    /// <summary>Before anything is known.</summary>
    public static WorkState Unknown { get; } = new(0, "starting");
}
