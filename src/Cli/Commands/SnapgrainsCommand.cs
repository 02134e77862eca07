using System.CommandLine;
using System.CommandLine.Help;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Cli.Commands;

/// <summary>The program itself, with all its verbs.</summary>
internal sealed class SnapgrainsCommand : RootCommand
{
    /// <summary>The command tree.</summary>
    public SnapgrainsCommand(CliHost host)
        : base("Snapshot cache for cloned disks: import an image, clone disks at once, use them over NBD")
    {
        host.Globals.AddTo(this);
        AddVerbs(host);
        Options.OfType<HelpOption>().Single().Action = new HelpTextAction(host.Globals);
        Options.OfType<VersionOption>().Single().Action = new VersionTextAction();
        SetAction(_ => HelpTextAction.Write(host.Console.Out, this, host.Globals));
    }

    private void AddVerbs(CliHost host)
    {
        Subcommands.Add(new DemoCommand(host));
        Subcommands.Add(new SiloCommand(host));
        Subcommands.Add(new AttachCommand(host));
        Subcommands.Add(new CommandGroup(
            "image", "Images of the image center",
            new ImageImportCommand(host), new ImageListCommand(host),
            new ImageInspectCommand(host), new ImageRemoveCommand(host)));
        Subcommands.Add(new CloneCommand(host));
        Subcommands.Add(new CommandGroup(
            "disk", "Disks cloned from snapshots",
            new DiskListCommand(host), new DiskInfoCommand(host), new DiskHydrateCommand(host),
            new DiskPauseCommand(host), new DiskThinCommand(host), new DiskFlattenCommand(host),
            new DiskResizeCommand(host), new DiskSnapshotCommand(host), new DiskExportCommand(host),
            new DiskRemoveCommand(host)));
        Subcommands.Add(new CommandGroup(
            "batch", "Batch clones, which 'clone --count' starts",
            new BatchListCommand(host), new BatchInfoCommand(host), new BatchCancelCommand(host)));
        Subcommands.Add(new CommandGroup(
            "key", "Keys that disks and replicas are encrypted under",
            new KeyCreateCommand(host), new KeyListCommand(host), new KeyInfoCommand(host),
            new KeyRotateCommand(host), new KeyRevokeCommand(host), new KeyRemoveCommand(host)));
        Subcommands.Add(new CommandGroup(
            "replica", "Replicas of snapshots in other stripe formats and under other keys",
            new ReplicaCreateCommand(host), new ReplicaListCommand(host),
            new ReplicaInfoCommand(host), new ReplicaRemoveCommand(host)));
        Subcommands.Add(new CommandGroup(
            "trace", "What clones of a snapshot touch first",
            new TraceShowCommand(host), new TraceExportCommand(host),
            new TraceImportCommand(host), new TraceRemoveCommand(host)));
        Subcommands.Add(new CommandGroup(
            "hydration", "Hydration of all disks", new HydrationLimitCommand(host)));
        Subcommands.Add(new CommandGroup(
            "node", "The cluster's silos",
            new NodeListCommand(host), new NodeDrainCommand(host), new NodeResumeCommand(host),
            new NodeStopCommand(host)));
        Subcommands.Add(new CommandGroup(
            "cluster", "The database that silos of several processes share", new ClusterInitCommand(host)));
        Subcommands.Add(new StatusCommand(host));
        Subcommands.Add(new VersionCommand(host));
    }
}
