using System.Diagnostics;
using System.Text;
using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Runs the sequence of a seed; of one that fails it leaves out what the failure does not need.</summary>
internal sealed class SequenceShrinker(DiskSilo silo, ModelImages images)
{
    /// <summary>Hydration runs beside the steps: a failure may need more than one attempt to show itself.</summary>
    private const int Attempts = 3;

    /// <summary>A sequence that hangs shrinks slowly: what is left then is shown.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(60);

    /// <summary>Changes each disk that is attached.</summary>
    public Func<VirtualDisk, VirtualDisk> Wrap { get; init; } = disk => disk;

    /// <summary>Null when all is well; else a report with the seed and the shrunk sequence.</summary>
    public async Task<string?> FindAsync(int seed)
    {
        var steps = Step.Sequence(seed);
        var first = await RunAsync(seed, steps, trace: null);
        if (first is null)
        {
            return null;
        }

        var left = await ShrinkAsync(seed, [.. steps]);
        var report = new StringBuilder($"Seed {seed} of {steps.Length} steps: {first}\n");
        report.Append($"Shrunk to {left.Count} steps:\n");
        string? wrong = null;
        for (var attempt = 0; attempt < Attempts && wrong is null; attempt++)
        {
            var trace = new StringBuilder();
            wrong = await RunAsync(seed, left, line => trace.AppendLine(line));
            report.Append(wrong is null ? "" : trace.Append(wrong));
        }

        return report.ToString();
    }

    private async Task<List<Step>> ShrinkAsync(int seed, List<Step> steps)
    {
        var clock = Stopwatch.StartNew();
        for (var size = steps.Count / 2; size >= 1; size /= 2)
        {
            for (var at = 0; at + size <= steps.Count && clock.Elapsed < MaxTime;)
            {
                List<Step> fewer = [.. steps[..at], .. steps[(at + size)..]];
                if (await FailsAsync(seed, fewer))
                {
                    steps = fewer;
                }
                else
                {
                    at += size;
                }
            }
        }

        return steps;
    }

    private async Task<bool> FailsAsync(int seed, List<Step> steps)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await RunAsync(seed, steps, trace: null) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string?> RunAsync(int seed, IReadOnlyList<Step> steps, Action<string>? trace)
    {
        var run = new ModelRun(silo, images, seed) { Wrap = Wrap, Trace = trace };
        await using (run)
        {
            return await run.RunAsync(steps);
        }
    }
}
