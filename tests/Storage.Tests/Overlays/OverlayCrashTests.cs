namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// Shows that after a power cut at any moment each block holds, whole, what was last flushed or a later write, and that
/// the cut alone never makes the overlay refuse (P2, test catalogue 13), and that without a cut it is a plain disk (9).
/// </summary>
public sealed class OverlayCrashTests
{
    private const int ScriptSteps = 500;
    private const int WaysToCut = 3;

    /// <summary>How many random seeds are run; the long tier sets 10000.</summary>
    private static int Seeds => int.TryParse(
        Environment.GetEnvironmentVariable("SNAPSHOTGRAINS_OVERLAY_SEEDS"), out var seeds) ? seeds : 800;

    /// <summary>
    /// Before each I/O of a script of 500 steps the power is cut, in several ways, on a copy of the machine.
    /// </summary>
    [Fact]
    public async Task Every_point_of_a_script_survives_a_power_cut()
    {
        var script = new OverlayScript(1, ScriptSteps);
        List<string> violations = [];
        var random = new Random(1);
        var points = 0;
        script.Machine.BeforeEach = machine =>
        {
            points++;
            for (var way = 0; way < WaysToCut; way++)
            {
                if (script.CheckCut(machine, random) is { } wrong)
                {
                    violations.Add($"I/O {machine.Count + 1}: {wrong}");
                }
            }
        };
        (await script.RunAsync()).Should().BeNull();
        violations.Should().BeEmpty();
        points.Should().BeGreaterThan(ScriptSteps);
    }

    /// <summary>
    /// Random scripts with power cuts, also amid recovery, and resizes; a failure is shrunk and printed.
    /// </summary>
    [Fact]
    public async Task Random_scripts_with_power_cuts_agree_with_the_model()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            if (await new OverlayScript(seed, 60) { HasCrashes = true }.RunAsync() is not null)
            {
                var (steps, skipped, wrong) = await ShrinkAsync(seed);
                var left = Enumerable.Range(0, steps).Except(skipped);
                Assert.Fail($"Seed {seed}, steps {string.Join(",", left)}: {wrong}");
            }
        }
    }

    /// <summary>Cuts the end off a failing script, then leaves out each step that the failure does not need.</summary>
    private static async Task<(int Steps, HashSet<int> Skipped, string Wrong)> ShrinkAsync(int seed)
    {
        var steps = 1;
        string? wrong;
        while ((wrong = await new OverlayScript(seed, steps) { HasCrashes = true }.RunAsync()) is null)
        {
            steps++;
        }

        HashSet<int> skipped = [];
        for (var step = 0; step < steps; step++)
        {
            HashSet<int> trial = [.. skipped, step];
            if (await new OverlayScript(seed, steps) { HasCrashes = true, Skipped = trial }.RunAsync() is { } still)
            {
                (skipped, wrong) = (trial, still);
            }
        }

        return (steps, skipped, wrong);
    }
}
