using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SnapshotGrains.Agent;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Silo;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>attach</c>: the agent of a compute host, until it is told to stop.</summary>
internal sealed class AttachCommand : Verb
{
    private const long DefaultDiskCacheSize = 10L << 30;

    private readonly Argument<string[]> _names = new("DISK")
    {
        Description = "Disks, and snapshots as NAME@SNAP, to attach; none: all, as guests ask for them",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _sockets = new("--socket")
    {
        Description = "A Unix socket for guests to connect to",
        HelpName = "PATH",
    };

    private readonly Option<IPEndPoint[]> _addresses = new("--listen")
    {
        Description = "An address for guests to connect to, port 0 for a free one",
        HelpName = "HOST:PORT",
        CustomParser = ValueParser.Endpoints,
    };

    private readonly Option<bool> _isReadOnly = new("--read-only") { Description = "Attach for reading only" };

    private readonly Option<bool> _takesOver = new("--takeover")
    {
        Description = "Fence whoever writes to the disks now",
    };

    private readonly Option<long?> _cacheBytes = new("--cache-bytes")
    {
        Description = $"Budget of the host's segment cache, {ValueParser.SizeRule}; else 256M",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(least: 1 << 20),
    };

    private readonly Option<bool> _populates = new("--cache-populate")
    {
        Description = "Take the cache's memory at the start; else as segments come",
    };

    private readonly Option<string?> _diskCache = new("--disk-cache")
    {
        Description = "Directory that keeps what the cache has lost, also over restarts; else none",
        HelpName = "DIR",
    };

    private readonly Option<long?> _diskCacheSize = new("--disk-cache-size")
    {
        Description = $"Disk space for --disk-cache, {ValueParser.SizeRule}; else 10G",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(least: DiskCacheOptions.MinLimitBytes),
    };

    private readonly Option<TimeSpan?> _ioTimeout = new("--io-timeout")
    {
        Description = "How long guests wait for a disk's node that is gone before they get an error; else 2m",
        HelpName = "TIME",
        CustomParser = ValueParser.Duration,
    };

    private readonly Option<Uri[]> _fallbacks = new("--fallback")
    {
        Description = "A node to ask while --server does not answer at the start; may be given again",
        HelpName = "URL",
        CustomParser = ValueParser.Servers,
    };

    private readonly Option<string?> _certificate = new("--tls-cert")
    {
        Description = "This host's certificate, for nodes that ask for one (--nbd-tls mutual)",
        HelpName = "FILE",
    };

    private readonly Option<string?> _certificateKey = new("--tls-key")
    {
        Description = "The private key of --tls-cert",
        HelpName = "FILE",
    };

    private readonly KekOption _kek = new();

    /// <summary>The command.</summary>
    public AttachCommand(CliHost host)
        : base(host, "attach", "Serve disks of the cluster to this host's guests over NBD until Ctrl-C or SIGTERM")
    {
        Arguments.Add(_names);
        Options.Add(_sockets);
        Options.Add(_addresses);
        Options.Add(_isReadOnly);
        Options.Add(_takesOver);
        Options.Add(_cacheBytes);
        Options.Add(_populates);
        Options.Add(_diskCache);
        Options.Add(_diskCacheSize);
        Options.Add(_ioTimeout);
        Options.Add(_fallbacks);
        Options.Add(_kek.Option);
        Options.Add(_certificate);
        Options.Add(_certificateKey);
        Validators.Add(result =>
        {
            if (result.GetResult(_sockets) is null && result.GetResult(_addresses) is null)
            {
                result.AddError("Say where guests connect: --socket PATH or --listen HOST:PORT, or both");
            }

            if (result.GetResult(_certificate) is null != result.GetResult(_certificateKey) is null)
            {
                result.AddError("--tls-cert and --tls-key go together");
            }

            if (result.GetResult(_diskCacheSize) is not null && result.GetResult(_diskCache) is null)
            {
                result.AddError("--disk-cache-size is of use only with --disk-cache");
            }

            if (result.GetValue(_isReadOnly) && result.GetValue(_takesOver))
            {
                result.AddError("--takeover is for writing; leave it or --read-only out");
            }
        });
        TimeoutMeaning = "Give up if guests cannot connect after this time, as 30s or 2m; else 100s";
        Examples =
        [
            "snapgrains attach vm1 --socket /run/vm1.sock --server http://node-1:8080 --fallback http://node-2:8080",
            "snapgrains attach vm1 vm2 --listen 127.0.0.1:10809 --cache-bytes 4G",
            "snapgrains attach --socket /run/snapgrains.sock --kek file:/etc/snapgrains/kek",
        ];
    }

    /// <inheritdoc />
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = VerbOutput.Of(Host, arguments);
        using var logging = ConsoleLogging.Create(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        using var keks = await _kek.LoadAsync(Host, arguments, isNeeded: true, cancellationToken);
        var access = await ServerAccess.ReadAsync(Host, arguments, cancellationToken);
        await using var disk = OpenDisk(arguments);
        await using var agent = await StartAsync(
            SettingsOf(arguments, keks, access, disk), logging, arguments, cancellationToken);
        Announce(agent, output);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, agent.Lost);
        await Task.Delay(Timeout.InfiniteTimeSpan, Host.Time, ending.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return cancellationToken.IsCancellationRequested ? ExitCode.Ok : throw new SnapshotGrainsException(
            ErrorCode.Fenced, "A disk was taken over by another writer or deleted; its guest has lost it.");
    }

    private async Task<AgentProcess> StartAsync(
        AgentSettings settings, ILoggerFactory logging, ParseResult arguments, CancellationToken cancellationToken)
    {
        var timeout = arguments.GetValue(Host.Globals.Timeout) ?? ServerVerb.DefaultTimeout;
        using var deadline = new CancellationTokenSource(timeout, Host.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await AgentProcess.StartAsync(settings, logging, ending.Token);
        }
        catch (OperationCanceledException error) when (ServerVerb.IsLate(deadline, cancellationToken))
        {
            throw ServerVerb.TookTooLong(this, settings.Server, timeout, goesOn: null, error);
        }
    }

    private TlsIdentity? IdentityOf(ParseResult arguments) => arguments.GetValue(_certificate) is { } certificate
        ? TlsIdentity.Load(certificate, arguments.GetRequiredValue(_certificateKey)!, Host.Time) : null;

    private static void Announce(AgentProcess agent, VerbOutput output)
    {
        output.Confirm(new AgentStarted(agent.Uris), started => string.Join(
            Environment.NewLine, [.. started.Nbd.Select(uri => $"NBD  {uri}"), "Ready. Ctrl-C stops it."]));
        output.Console.Out.Flush();
    }

    private DiskCache? OpenDisk(ParseResult arguments) => arguments.GetValue(_diskCache) is { } directory
        ? DiskCache.Open(new DiskCacheOptions
        {
            Directory = Path.GetFullPath(directory),
            LimitBytes = arguments.GetValue(_diskCacheSize) ?? DefaultDiskCacheSize,
            QueueBytes = DiskCacheOptions.QueueBeside(
                arguments.GetValue(_cacheBytes) ?? new ClientOptions().CacheBytes),
        })
        : null;

    private AgentSettings SettingsOf(ParseResult arguments, Keks keks, ServerAccess access, DiskCache? disk)
    {
        var defaults = new ClientOptions();
        return new AgentSettings
        {
            Server = ServerAddress.Of(Host, arguments.GetValue(Host.Globals.Server)),
            Endpoints =
            [
                .. (arguments.GetValue(_sockets) ?? []).Select(path =>
                    (EndPoint)new UnixDomainSocketEndPoint(Path.GetFullPath(path))),
                .. arguments.GetValue(_addresses) ?? [],
            ],
            Names = arguments.GetValue(_names) ?? [],
            Access = arguments.GetValue(_isReadOnly) ? DiskAccess.ReadOnly
                : arguments.GetValue(_takesOver) ? DiskAccess.TakeOver : DiskAccess.ReadWrite,
            Client = defaults with
            {
                CacheBytes = arguments.GetValue(_cacheBytes) ?? defaults.CacheBytes,
                CachePopulate = arguments.GetValue(_populates),
                Disk = disk,
                IoTimeout = arguments.GetValue(_ioTimeout) ?? defaults.IoTimeout,
                Fallbacks = arguments.GetValue(_fallbacks) ?? [],
                Keks = keks,
                Token = access.Token,
                TlsCa = access.Ca,
                TlsIdentity = IdentityOf(arguments),
            },
        };
    }
}
