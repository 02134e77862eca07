using System.CommandLine;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Commands;

/// <summary>The option that says when new disks copy their snapshot's content.</summary>
internal static class HydrateOption
{
    /// <summary>A new option.</summary>
    public static Option<HydrationMode?> Create() => new("--hydrate")
    {
        Description = "When the disks copy the image: none, eager, or else background, from the first write attach on",
        HelpName = "MODE",
        CustomParser = ValueParser.Hydration,
    };
}
