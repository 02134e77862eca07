using System.Diagnostics;
using Orleans;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// A node that keeps disks: a home over files in memory that can be stopped, started again and cut from its power.
/// </summary>
internal sealed class DiskNode : IAsyncDisposable
{
    private const string Folder = "/overlays";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// What waits longer is a deadline, of a call that takes its time in the real world: not to be passed until nothing
    /// has happened for a while.
    /// </summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private const int Settled = 300;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly DiskSilo _silo;
    private readonly HydrationOptions _hydration;
    private readonly OverlayOptions _overlays;
    private readonly List<Task> _burials = [];
    private IGrainFactory _grains = null!;

    /// <summary>Names the directory of the disks' blocks.</summary>
    public static Guid Directory { get; } = Guid.NewGuid();

    private DiskNode(DiskSilo silo, HydrationOptions? hydration, OverlayOptions? overlays, long? bytesPerSecond)
    {
        _silo = silo;
        _hydration = hydration ?? new HydrationOptions { FirstBackOff = TimeSpan.FromMilliseconds(5) };
        _overlays = overlays ?? new OverlayOptions();
        Limit = bytesPerSecond;
        Plane = new ProbedPlane(silo.CreatePlane());
    }

    public DiskSilo Silo => _silo;

    public GrainControlPlane Control => _silo.Control;

    public PowerLossFileSystem Files { get; private set; } = new();

    public FakeTime Time { get; } = new();

    public ProbedPlane Plane { get; }

    public DiskHome Home { get; private set; } = null!;

    public RecordingLog Log { get; private set; } = new();

    /// <summary>Hydration's cap, also after a restart.</summary>
    public long? Limit { get; set; }

    public static DiskNode Start(
        DiskSilo silo,
        HydrationOptions? hydration = null,
        OverlayOptions? overlays = null,
        long? bytesPerSecond = null)
    {
        var node = new DiskNode(silo, hydration, overlays, bytesPerSecond);
        node.StartHome();
        return node;
    }

    public async Task<DiskInfo> CloneAsync(SnapshotId snapshot, string name, CloneOptions options) =>
        (await Control.CloneAsync(snapshot, [name], options, None))[0];

    public ValueTask<VirtualDisk> AttachAsync(
        string disk, DiskAccess access = DiskAccess.ReadWrite, string holder = "guest") =>
        Home.AttachAsync(new DiskExportName(disk, access, holder), None);

    /// <summary>
    /// Lets time pass, from timer to timer, until something is so. What only looks at the clock now and then sees it
    /// move slowly.
    /// </summary>
    public async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var clock = Stopwatch.StartNew();
        for (var idle = 0; !await isSo();)
        {
            clock.Elapsed.Should().BeLessThan(Patience, "it should be so by now");
            if (Time.TryStep(idle < Settled ? Soon : TimeSpan.MaxValue))
            {
                idle = 0;
                continue;
            }

            await Task.Delay(Moment, TimeProvider.System);
            if (++idle % 5 == 0)
            {
                Time.Advance(Moment);
            }
        }
    }

    public Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));

    public Task UntilAsync(string disk, DiskState state) => UntilAsync(
        async () => (await Control.GetDiskAsync(disk, None)).State == state);

    /// <summary>Reads all of a disk through an attachment of its own.</summary>
    public async Task<byte[]> ReadAllAsync(string disk)
    {
        await using var handle = await AttachAsync(disk, DiskAccess.ReadOnly, "reader");
        var content = new byte[handle.SizeBytes];
        await handle.ReadAsync(0, content);
        return content;
    }

    public Task<HydrationProgress> ProgressAsync(string disk) => Control.GetHydrationAsync(disk, None);

    public Task ControlAsync(string disk, HydrationCommand command) =>
        Control.ControlHydrationAsync(disk, command, None);

    /// <summary>Another process of the same directory takes its place; returns the one that was there.</summary>
    public DiskHome Replace()
    {
        var old = Home;
        StartHome();
        return old;
    }

    /// <summary>Ends in order and starts again; takes up the disks that are given.</summary>
    public async Task RestartAsync(params IEnumerable<string> disks)
    {
        await Home.DisposeAsync();
        StartHome();
        await ResumeAsync(disks);
    }

    /// <summary>Loses its power and starts again on what the disk kept; takes up the disks that are given.</summary>
    public async Task CrashAsync(Random random, params IEnumerable<string> disks)
    {
        MortalGrains.Kill(_grains);
        var dead = Home;
        Files = Files.Restart(random);
        Log = new RecordingLog();
        StartHome();
        await ResumeAsync(disks);
        _burials.Add(Task.Run(async () => await dead.DisposeAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        await Home.DisposeAsync();
        await Task.WhenAll(_burials).WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>What a server does after its start.</summary>
    private async Task ResumeAsync(IEnumerable<string> disks)
    {
        foreach (var disk in disks)
        {
            await _silo.Grains.GetGrain<IDiskGrain>(disk).ResumeAsync(None);
        }
    }

    private void StartHome()
    {
        Home = new DiskHome(
            Directory,
            new OverlayDirectory(Folder, _overlays, Files), _silo.Center, _hydration, Time, Log)
        {
            HydrationLimit = Limit,
        };
        _grains = MortalGrains.Over(_silo.Grains);
        Home.Connect(_grains, DiskSilo.CreateReaders(Plane), 
            async (key, ct) => new DataKey(key, await _silo.Keys.OpenAsync(key, ct)));
        _silo.Home.Current = Home;
    }
}
