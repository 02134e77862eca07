using System.Collections.Immutable;
using System.Reflection;
using SnapshotGrains.Client;
using SnapshotGrains.Disks;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Events;
using SnapshotGrains.Exports;
using SnapshotGrains.Silo.Hosting;

namespace SnapshotGrains.Silo;

/// <summary>
/// Silos, the HTTP API and the NBD server in this process: what <c>snapgrains silo</c> runs, and what an
/// application embeds.
/// </summary>
public sealed partial class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReadinessTimeout = TimeSpan.FromSeconds(5);

    private readonly SiloServices _shared;
    private readonly DateTimeOffset _startedAt;
    private readonly ILogger _log;
    private ImmutableArray<SiloNode> _silos = [];
    private WebApplication _front = null!;
    private NbdServer? _nbd;
    private OpenExports _exports = null!;
    private DiskRecovery? _recovery;
    private CutOffWatch? _cutOff;
    private EventPump? _events;
    private DiskTraces? _traces;
    private int _isDisposed;

    private SiloProcess(SiloServices shared)
    {
        _shared = shared;
        _log = shared.Logging.CreateLogger<SiloProcess>();
        _startedAt = TimeProvider.System.GetUtcNow();
    }

    /// <summary>Which grain engine runs: <c>InProcess</c> or <c>Orleans</c>.</summary>
    public static string Engine => GrainEngine.Name;

    /// <summary>This build's version.</summary>
    public static string Version { get; } = typeof(SiloProcess).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>The settings it was started with.</summary>
    public SiloSettings Settings => _shared.Settings;

    /// <summary>Where the HTTP API listens.</summary>
    public Uri HttpAddress { get; private set; } = null!;

    /// <summary>Where the NBD server listens, as URIs without the export's name.</summary>
    public IReadOnlyList<string> NbdUris { get; private set; } = [];

    /// <summary>The silos that have not been stopped.</summary>
    public IReadOnlyList<string> SiloNames => [.. _silos.Where(silo => silo.IsRunning).Select(silo => silo.Name)];

    /// <summary>A client that reads from the silos' memory by reference.</summary>
    public SnapshotGrainsClient Client { get; private set; } = null!;

    /// <summary>The silo of that name, if it runs in this process.</summary>
    internal SiloNode? Find(string name) => _silos.FirstOrDefault(silo => silo.Name == name && silo.IsRunning);

    /// <summary>Starts everything, or nothing.</summary>
    /// <param name="settings">Settings by the names of <see cref="SiloSettings"/>; they override the environment
    /// (<c>SNAPSHOTGRAINS__NAME</c>), which overrides <c>appsettings.json</c>.</param>
    /// <param name="cancellationToken">Gives the start up.</param>
    /// <exception cref="SiloConfigurationException">Settings are wrong; lists all of them.</exception>
    public static async Task<SiloProcess> StartAsync(
        IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var configuration = SiloConfiguration.Build(settings);
        var process = new SiloProcess(
            await SiloConfiguration.OpenAsync(configuration, cancellationToken).ConfigureAwait(false));
        try
        {
            await process.StartPartsAsync(configuration, cancellationToken).ConfigureAwait(false);
            return process;
        }
        catch
        {
            await process.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops a silo in order: its activations move, its segments are loaded elsewhere when needed.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>, or
    /// <see cref="ErrorCode.BadRequest"/>: it is the last one.</exception>
    public async Task StopSiloAsync(string name, CancellationToken cancellationToken)
    {
        var silo = Leaving(name);
        await HandOverAsync([silo], cancellationToken).ConfigureAwait(false);
        await silo.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops a silo abruptly, as a crash would: for drills and tests.</summary>
    /// <exception cref="SnapshotGrainsException">As <see cref="StopSiloAsync"/>.</exception>
    public Task KillSiloAsync(string name) => Leaving(name).KillAsync();

    /// <summary>Completes when the process is told to stop (SIGINT, SIGTERM) or the token is cancelled.</summary>
    /// <remarks>Only disposing stops anything: what is handed over before needs all parts to run.</remarks>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, _front.Lifetime.ApplicationStopping);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Answers the requests under way, then stops: NBD and HTTP first, then the silos.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        if (!Settings.IsAlone && Client is not null)
        {
            await HandOverAsync([.. _silos.Where(silo => silo.IsRunning)], CancellationToken.None)
                .ConfigureAwait(false);
        }

        using var deadline = new CancellationTokenSource(ShutdownTimeout);
        if (_nbd is not null)
        {
            await _nbd.DisposeAsync().ConfigureAwait(false);
        }

        if (_recovery is not null)
        {
            await _recovery.DisposeAsync().ConfigureAwait(false);
        }

        if (_cutOff is not null)
        {
            await _cutOff.DisposeAsync().ConfigureAwait(false);
        }

        if (_events is not null)
        {
            await _events.DisposeAsync().ConfigureAwait(false);
        }

        if (_traces is not null)
        {
            await _traces.DisposeAsync().ConfigureAwait(false);
        }

        // While the silos still answer: hydration reads through them, and says what it has done.
        await _shared.Home.DisposeAsync().ConfigureAwait(false);
        await _shared.Keys.DisposeAsync().ConfigureAwait(false);
        await _drops.ConfigureAwait(false);
        if (_front is not null)
        {
            await _front.StopAsync(deadline.Token).ConfigureAwait(false);
            await _front.DisposeAsync().ConfigureAwait(false);
        }

        // The first silo keeps an Orleans development cluster's membership, so it leaves last.
        foreach (var silo in _silos.Reverse())
        {
            await silo.StopAsync(deadline.Token).ConfigureAwait(false);
            await silo.DisposeAsync().ConfigureAwait(false);
        }

        await _shared.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Gives what silos have to others before they leave, as far as that goes in time: what is left costs a fetch more.
    /// </summary>
    private async Task HandOverAsync(IReadOnlyList<SiloNode> silos, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HandOverTimeout);
        try
        {
            var control = (GrainControlPlane)Client.Control;
            await Task.WhenAll(silos.Select(silo => control.LeaveAsync(silo.Address, deadline.Token)))
                .ConfigureAwait(false);
            await Task.WhenAll(silos.Select(silo => silo.HandOverAsync(deadline.Token))).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SnapshotGrainsException or OperationCanceledException)
        {
            LogNotHandedOver(error.Message);
        }
    }

    [LoggerMessage(1203, LogLevel.Warning, "Not all that this node has was handed over before it leaves: {Why}")]
    private partial void LogNotHandedOver(string why);

    private SiloNode Leaving(string name)
    {
        var silo = Find(name)
            ?? throw new SnapshotGrainsException(
                ErrorCode.NotFound, $"No silo '{name}' runs in this process; it has {string.Join(", ", SiloNames)}.");
        return SiloNames.Count > 1
            ? silo
            : throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"'{name}' is this process's last silo; stop the process instead.");
    }
}
