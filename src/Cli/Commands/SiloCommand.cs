using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Silo;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>silo</c>: serves until it is told to stop.</summary>
internal sealed class SiloCommand : Verb
{
    private readonly Option<int?> _silos = new("--silos")
    {
        Description = "How many silos to run in this process, 1 to 64; else 1",
        HelpName = "N",
        CustomParser = ValueParser.Count(1, 64),
    };

    private readonly Option<long?> _cacheBytes = new("--cache-bytes")
    {
        Description = $"Cache budget of each silo, {ValueParser.SizeRule}; else 256M",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(least: 1 << 20),
    };

    private readonly Option<long?> _replicaBytes = new("--replica-bytes")
    {
        Description = $"Disk space for kept replicas, {ValueParser.SizeRule}; else 10G",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(least: 0),
    };

    private readonly Option<long?> _diskCacheSize = new("--disk-cache-size")
    {
        Description = $"Disk space for --disk-cache, {ValueParser.SizeRule}; else 10G",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(least: 4 << 20),
    };

    private readonly IReadOnlyList<(Option<string?> Option, string Setting)> _texts =
    [
        (Text("--data", "DIR", "Directory of the silos' state; else ./data"), "Data"),
        (Text("--cache-populate", "on|off", "Whether the cache takes all its memory at the start; else off"),
            "CachePopulate"),
        (Text("--dashboard", "on|off", "Whether the engine's dashboard is served at /orleans, if it has one; else on"),
            "Dashboard"),
        (Text("--traces", "on|off", "Whether what guests touch first is recorded and loaded ahead for others; else on"),
            "Traces"),
        (Text("--disks", "DIR", "Directory of the disks' blocks, which nodes may share; else in --data"), "Disks"),
        (Text("--disk-cache", "DIR", "Directory that keeps what the cache has lost, also over restarts; else none"),
            "DiskCache"),
        (Text("--http", "HOST:PORT", "Where the HTTP API listens, port 0 for a free one; else 127.0.0.1:8080"), "Http"),
        (Text("--nbd", "HOST:PORT", "Where the NBD server listens, '' for nowhere; else 127.0.0.1:10809"), "Nbd"),
        (Text("--nbd-socket", "PATH", "A Unix socket that the NBD server listens on as well; else none"), "NbdSocket"),
        (Text("--kek", "SOURCE", $"What wraps keys of disks: {KekSource.Rule}; else none"), "Kek"),
        (Text("--tls-cert", "FILE", "This silo's certificate and its chain, PEM: makes the HTTP API https"),
            "TlsCertificate"),
        (Text("--tls-key", "FILE", "The private key of --tls-cert, PEM"), "TlsKey"),
        (Text("--tls-ca", "FILE", "Root certificates of other silos and of NBD clients, PEM"), "TlsCa"),
        (Text("--nbd-tls", "MODE", "TLS for NBD over TCP: off, allow, require or mutual; else require with --tls-cert"),
            "NbdTls"),
        (Text("--image-center", "URI", "The image center: a directory or an http(s) URI; else image-center in --data"),
            "ImageCenter"),
        (Text("--image-center-token", "SOURCE", $"The token that it asks for: {AccessTokenSource.Rule}; else none"),
            "ImageCenterToken"),
        (Text("--image-center-ca", "FILE", "Root certificates to trust for an https image center, PEM"),
            "ImageCenterCa"),
        (Text("--node-name", "NAME", "This node's name; else silo, with shared membership the host's"), "NodeName"),
        (Text("--membership", "WHERE", "Where silos meet: local (this process), postgres or redis; else local"),
            "Membership"),
        (Text("--connection-string", "SOURCE", $"The database for it: {ConnectionSource.Rule}"), "ConnectionString"),
        (Text("--storage", "WHERE", "Where metadata is: sqlite, postgres or redis; else as --membership"), "Storage"),
        (Text("--cluster", "NAME", "The cluster's name; else snapgrains"), "Cluster"),
        (Text("--silo-port", "PORT", "The first silo's port, others follow, 0 for free ones; else 11111"), "SiloPort"),
        (Text("--gateway-port", "PORT", "The first gateway's port, as --silo-port; else 30000"), "GatewayPort"),
        (Text("--advertise", "IP", "Where other nodes reach this one; else the address of --http"), "Advertise"),
    ];

    private readonly Option<string[]> _previousKeks = new("--previous-kek")
    {
        Description = "What wrapped keys before, until 'key rotate --all'; may be given again",
        HelpName = "SOURCE",
    };

    private readonly Option<string[]> _previousTokens = new("--previous-token")
    {
        Description = "Tokens that are accepted besides --token, while it is being changed; may be given again",
        HelpName = "SOURCE",
    };

    /// <summary>The command.</summary>
    public SiloCommand(CliHost host)
        : base(host, "silo", "Run silos with the HTTP API and the NBD server until Ctrl-C or SIGTERM")
    {
        Options.Add(_silos);
        foreach (var (option, _) in _texts)
        {
            Options.Add(option);
        }

        Options.Add(_cacheBytes);
        Options.Add(_previousKeks);
        Options.Add(_previousTokens);
        Options.Add(_replicaBytes);
        Options.Add(_diskCacheSize);
        RefuseServerOptions(hasToken: true);
        TokenMeaning = "The access token that it asks for, file:PATH, env:NAME or command:...; "
            + "else SNAPSHOTGRAINS__TOKEN";
        Examples =
        [
            "snapgrains silo --silos 3 --data /var/lib/snapgrains --cache-bytes 2G",
            "snapgrains silo --http 127.0.0.1:0 --nbd '' --nbd-socket /run/snapgrains.sock --json",
            "SNAPSHOTGRAINS__CACHEBYTES=10G snapgrains silo",
            "snapgrains silo --cache-bytes 8G --disk-cache /var/cache/snapgrains --disk-cache-size 200G",
            "snapgrains silo --http 10.0.0.1:8080 --token file:token --tls-cert n1.pem --tls-key n1.key",
            "snapgrains silo --kek file:/etc/snapgrains/kek-2 --previous-kek file:/etc/snapgrains/kek-1",
            "snapgrains silo --membership postgres --connection-string file:/etc/snapgrains/db --http 10.0.0.11:8080",
        ];
    }

    /// <inheritdoc />
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = VerbOutput.Of(Host, arguments);
        var process = await SiloProcess.StartAsync(SettingsOf(arguments), cancellationToken);
        await using (process)
        {
            Announce(process, output);
            await process.WaitForShutdownAsync(cancellationToken);
        }

        return ExitCode.Ok;
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    private static void Announce(SiloProcess process, VerbOutput output)
    {
        var started = new SiloStarted(SiloProcess.Engine, process.SiloNames, process.HttpAddress, process.NbdUris);
        output.Confirm(started, silo => string.Join(
            Environment.NewLine,
            [
                $"Engine {silo.Engine}, silos {string.Join(", ", silo.Silos)}.",
                $"HTTP API  {silo.Http}",
                .. silo.Nbd.Select(uri => $"NBD       {uri}"),
                "Ready. Ctrl-C stops it.",
            ]));
        output.Console.Out.Flush();
    }

    private static void SetAll(Dictionary<string, string?> settings, string setting, string[]? values)
    {
        foreach (var (index, value) in (values ?? []).Index())
        {
            settings[$"{setting}:{index}"] = value;
        }
    }

    /// <summary>Only what was given: the rest comes from the environment and appsettings.json.</summary>
    private Dictionary<string, string?> SettingsOf(ParseResult arguments)
    {
        var settings = new Dictionary<string, string?>();
        if (arguments.GetValue(_silos) is { } silos)
        {
            settings["Silos"] = silos.ToString();
        }

        if (arguments.GetValue(_cacheBytes) is { } bytes)
        {
            settings["CacheBytes"] = bytes.ToString();
        }

        SetAll(settings, "PreviousKek", arguments.GetValue(_previousKeks));
        SetAll(settings, "PreviousToken", arguments.GetValue(_previousTokens));
        if (arguments.GetValue(Host.Globals.Token) is { } token)
        {
            settings["Token"] = token;
        }

        if (arguments.GetValue(_replicaBytes) is { } replicaBytes)
        {
            settings["ReplicaBytes"] = replicaBytes.ToString();
        }

        if (arguments.GetValue(_diskCacheSize) is { } diskCacheSize)
        {
            settings["DiskCacheSize"] = diskCacheSize.ToString();
        }

        foreach (var (option, setting) in _texts)
        {
            if (arguments.GetValue(option) is { } text)
            {
                settings[setting] = text;
            }
        }

        return settings;
    }
}
