using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// Runs a sequence of steps on real disks and, beside them, on the model. Hydration goes on between the steps, as far
/// as the clock lets it.
/// </summary>
internal sealed partial class ModelRun : IAsyncDisposable
{
    /// <summary>Most bytes of a disk.</summary>
    public const int MaxBytes = 512 << 10;

    private const int MaxDisks = 4;
    private const int MaxSnapshots = 4;
    private static readonly CancellationToken None = CancellationToken.None;
    private static int _runs;

    private readonly string _prefix = $"r{Interlocked.Increment(ref _runs)}";
    private readonly DiskNode _node;
    private readonly ModelImages _images;
    private readonly List<ReferenceDisk> _disks = [];
    private readonly Dictionary<SnapshotId, ModelSnapshot> _snapshots = [];
    private string _what = "";

    public ModelRun(DiskSilo silo, ModelImages images, int seed)
    {
        var random = new Random(seed);
        _images = images;
        _node = DiskNode.Start(
            silo,
            new HydrationOptions
            {
                Parallelism = random.Next(1, 3),
                MaxOpenDisks = random.Next(1, 4),
                SegmentsPerCommit = random.Next(1, 5),
                FirstBackOff = TimeSpan.FromMilliseconds(5),
            },
            new OverlayOptions { MaxUncommittedBlocks = random.Next(2) == 0 ? 16 : 64, MinJournalBytes = 64 << 10 },
            random.Next(3) switch
            {
                0 => null,
                1 => 1 << 20,
                _ => 8 << 20,
            });
    }

    /// <summary>Changes each disk that is attached: a test of the test plants its fault here.</summary>
    public Func<VirtualDisk, VirtualDisk> Wrap { get; init; } = disk => disk;

    /// <summary>Takes a line on each step, for people.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>Makes all steps and returns what went wrong, or null.</summary>
    public async Task<string?> RunAsync(IReadOnlyList<Step> steps)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            _what = "nothing to do";
            var wrong = await TryAsync(() => StepAsync(step.Kind, new Random(step.Seed)));
            Trace?.Invoke($"  {i}. {step.Kind}: {_what}");
            if (wrong is not null)
            {
                return $"step {i}, {step.Kind}, {_what}: {wrong}";
            }
        }

        return await TryAsync(EndAsync) is { } end ? $"at the end, {_what}: {end}" : null;
    }

    public async ValueTask DisposeAsync() => await _node.DisposeAsync();

    private async Task<string?> TryAsync(Func<Task<string?>> act)
    {
        try
        {
            return await act().WaitAsync(TimeSpan.FromSeconds(20)) ?? _node.Log.FirstError;
        }
        catch (Exception error)
        {
            return error.ToString();
        }
    }

    private Task<string?> StepAsync(StepKind kind, Random random)
    {
        _node.Time.Advance(TimeSpan.FromMilliseconds(random.Next(10)));
        var disk = _disks.Count == 0 ? null : _disks[random.Next(_disks.Count)];
        return kind switch
        {
            StepKind.Clone => CloneAsync(random),
            StepKind.DeleteImage => DeleteImageAsync(random),
            StepKind.Tick => TickAsync(random),
            StepKind.Restart => RestartAsync(),
            StepKind.Crash => CrashAsync(random),
            _ when disk is null => CloneAsync(random),
            StepKind.Read => ReadAsync(disk, random),
            StepKind.Write => WriteAsync(disk, random),
            StepKind.Trim => TrimAsync(disk, random),
            StepKind.Zero => ZeroAsync(disk, random),
            StepKind.Flush => FlushAsync(disk),
            StepKind.Attach => AttachAsync(disk, random),
            StepKind.Detach => DetachAsync(disk, random),
            StepKind.Conflict => ConflictAsync(disk),
            StepKind.TakeOver => TakeOverAsync(disk, random),
            StepKind.Snapshot => SnapshotAsync(disk),
            StepKind.Resize => ResizeAsync(disk, random),
            StepKind.Delete => DeleteAsync(disk),
            StepKind.Control => ControlAsync(disk, random),
            StepKind.Hydrate => HydrateAsync(disk, random),
            StepKind.Progress => ProgressAsync(disk),
            StepKind.Outage => OutageAsync(random),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such step."),
        };
    }

    private async Task<string?> TickAsync(Random random)
    {
        var time = TimeSpan.FromMilliseconds(random.Next(200));
        _what = $"{time.TotalMilliseconds} ms";
        _node.Time.Advance(time);
        await Task.Yield();
        return null;
    }

    /// <summary>Runs something that must be refused with this code.</summary>
    private static async Task<string?> MustFailAsync(Func<Task> act, params ErrorCode[] codes)
    {
        try
        {
            await act();
            return $"it succeeded instead of {codes[0]}";
        }
        catch (SnapshotGrainsException error) when (codes.Contains(error.Code))
        {
            return null;
        }
    }
}
