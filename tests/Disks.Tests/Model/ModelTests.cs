using System.Diagnostics;
using Xunit.Abstractions;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// Shows that disks on real grains and files that lose power hold what a plain array of bytes would, whatever is done
/// to them and in whatever order (test catalogue 9), and that this test would notice if they did not.
/// </summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const int Workers = 2;

    /// <summary>How many sequences are run.</summary>
    private static int Sequences => int.TryParse(
        Environment.GetEnvironmentVariable("SNAPSHOTGRAINS_MODEL_SEQUENCES"), out var count) ? count : 2_000;

    /// <summary>The first seed: to run one that has failed, or others than ever.</summary>
    private static int FirstSeed => int.TryParse(
        Environment.GetEnvironmentVariable("SNAPSHOTGRAINS_MODEL_SEED"), out var seed) ? seed : 1;

    [Fact]
    public async Task Disks_agree_with_the_model()
    {
        var clock = Stopwatch.StartNew();
        var (next, steps) = (FirstSeed - 1, 0L);
        var end = FirstSeed + Sequences;
        var failures = await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            await using var silo = await DiskSilo.StartAsync();
            var images = await ModelImages.ImportAsync(silo);
            for (int seed; (seed = Interlocked.Increment(ref next)) < end;)
            {
                Interlocked.Add(ref steps, Step.Sequence(seed).Length);
                if (await new SequenceShrinker(silo, images).FindAsync(seed) is { } failure)
                {
                    Volatile.Write(ref next, end);
                    return failure;
                }
            }

            return null;
        })));
        output.WriteLine($"{Sequences} sequences of {steps} steps took {clock.Elapsed.TotalSeconds:0.0} s.");
        failures.Should().OnlyContain(failure => failure == null);
    }
}
