using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary>A verb that tells the hydration of disks what to do.</summary>
internal abstract class HydrationVerb : ServerVerb
{
    private readonly HydrationCommand _command;
    private readonly Argument<string[]?> _disks = CommonArguments.Disks("The disks");

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "Wait until the disks are ready, and show how far they are",
    };

    /// <summary>A verb for one command.</summary>
    protected HydrationVerb(
        CliHost host, string name, string description, HydrationCommand command, bool canWait = false)
        : base(host, name, description)
    {
        _command = command;
        Arguments.Add(_disks);
        if (canWait)
        {
            Options.Add(_wait);
        }
    }

    /// <summary>What it says when it has been told to all disks.</summary>
    protected abstract string Sentence(string disks, bool areReady);

    /// <inheritdoc />
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) =>
        Waits(arguments) ? null : base.TimeoutByDefault(arguments);

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var names = arguments.GetRequiredValue(_disks)!;
        var disks = new List<DiskInfo>();
        foreach (var name in names)
        {
            disks.Add(await server.ControlHydrationAsync(name, _command, cancellationToken));
        }

        var title = names.Length == 1 ? names[0] : $"{names.Length} disks";
        if (Waits(arguments))
        {
            GoesOn = "Hydration goes on: 'snapgrains disk info DISK' shows it, 'snapgrains disk pause DISK' stops it.";
            await new HydrationWait(server, output, Host.Time).RunAsync(
                $"Hydrating {title}", names, cancellationToken);
            disks = [.. disks.Select(disk => disk with { State = DiskState.Ready, Problem = null })];
        }

        output.Confirm(disks, now => Sentence(title, now.TrueForAll(disk => disk.State == DiskState.Ready)));
    }

    private bool Waits(ParseResult arguments) => Options.Contains(_wait) && arguments.GetValue(_wait);
}
