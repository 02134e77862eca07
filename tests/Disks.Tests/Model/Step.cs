namespace SnapshotGrains.Disks.Tests;

/// <summary>One step; what it does exactly follows from its seed and from where the disks are then, so that any other
/// step may be left out.</summary>
internal readonly record struct Step(StepKind Kind, int Seed)
{
    private const int MaxSteps = 100;

    private static readonly StepKind[] Lots = [.. Weights().SelectMany(w => Enumerable.Repeat(w.Kind, w.Weight))];

    /// <summary>The sequence of a seed: 20 to 100 steps.</summary>
    public static Step[] Sequence(int seed)
    {
        var random = new Random(seed);
        var steps = new Step[random.Next(20, MaxSteps + 1)];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = new Step(Lots[random.Next(Lots.Length)], random.Next());
        }

        return steps;
    }

    private static IEnumerable<(StepKind Kind, int Weight)> Weights() =>
    [
        (StepKind.Read, 18), (StepKind.Write, 26), (StepKind.Trim, 6), (StepKind.Zero, 7), (StepKind.Flush, 6),
        (StepKind.Tick, 6), (StepKind.Attach, 3), (StepKind.Detach, 5), (StepKind.Conflict, 1),
        (StepKind.TakeOver, 2), (StepKind.Clone, 5), (StepKind.Snapshot, 4), (StepKind.DeleteImage, 3),
        (StepKind.Resize, 3), (StepKind.Delete, 2), (StepKind.Control, 6), (StepKind.Hydrate, 3),
        (StepKind.Progress, 3), (StepKind.Outage, 2), (StepKind.Restart, 1), (StepKind.Crash, 2),
    ];
}
