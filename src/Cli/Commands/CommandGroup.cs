using System.CommandLine;

namespace SnapshotGrains.Cli.Commands;

/// <summary>A word with verbs below it, such as <c>image</c>.</summary>
internal sealed class CommandGroup : Command
{
    /// <summary>A group of the given verbs.</summary>
    public CommandGroup(string name, string description, params ReadOnlySpan<Verb> verbs)
        : base(name, description)
    {
        foreach (var verb in verbs)
        {
            Subcommands.Add(verb);
        }
    }
}
