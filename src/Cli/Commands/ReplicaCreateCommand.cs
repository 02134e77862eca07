using System.CommandLine;
using System.CommandLine.Parsing;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Cli.Replicas;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>replica create</c>.</summary>
internal sealed class ReplicaCreateCommand : ServerVerb
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The snapshot");
    private readonly LayoutOptions _layout = new();

    private readonly Option<ReplicaBuild?> _build = new("--build")
    {
        Description = "When its segments are made: lazy, when they are first read, or eager, now; else lazy",
        HelpName = "WHEN",
        CustomParser = ValueParser.Build,
    };

    private readonly Option<bool> _keep = new("--keep")
    {
        Description = "Keep its segments on disk, so that nothing makes them again; eager ones are kept anyway",
    };

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "With --build eager: wait until it is built and verified, and show how far it is",
    };

    /// <summary>The command.</summary>
    public ReplicaCreateCommand(CliHost host)
        : base(host, "create", "Make a snapshot's replica in another stripe format or under another key")
    {
        Arguments.Add(_snapshot);
        _layout.AddTo(this);
        Options.Add(_build);
        Options.Add(_keep);
        Options.Add(_wait);
        Validators.Add(CheckWait);
        Examples =
        [
            "snapgrains replica create debian@v1 --key tenant-a",
            "snapgrains replica create debian@v1 --stripe-unit 64K --stripe-count 4 --build eager --wait",
            "snapgrains replica create debian@v1 --segment-size 4M --key tenant-a --keep",
        ];
    }

    /// <inheritdoc />
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) =>
        arguments.GetValue(_wait) ? null : base.TimeoutByDefault(arguments);

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var started = Host.Time.GetTimestamp();
        var image = await server.GetImageAsync(arguments.GetRequiredValue(_snapshot)!, cancellationToken);
        var name = _layout.NameOf(image, arguments);
        var replica = await server.CreateReplicaAsync(
            name, arguments.GetValue(_build) ?? ReplicaBuild.Lazy, arguments.GetValue(_keep), cancellationToken);
        if (arguments.GetValue(_wait))
        {
            var words = ReplicaText.NameOf(name);
            GoesOn = $"The build goes on: 'snapgrains replica info {words}' shows it, "
                + $"'snapgrains replica rm {words}' stops it.";
            replica = await new ReplicaWait(server, output, Host.Time).RunAsync(name, cancellationToken);
        }

        var took = Host.Time.GetElapsedTime(started);
        output.Confirm(replica, made => ReplicaText.SentenceOf(made, took));
    }

    private void CheckWait(CommandResult result)
    {
        if (result.GetResult(_wait) is not null && result.GetValue(_build) != ReplicaBuild.Eager)
        {
            result.AddError("--wait goes with --build eager");
        }
    }
}
