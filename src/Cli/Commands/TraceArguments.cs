using System.CommandLine;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Commands;

/// <summary>How the verbs of traces name one.</summary>
internal sealed class TraceArguments
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The snapshot");
    private readonly Option<string?> _profile = Profile("Profile of its clones; else default");

    /// <summary>An option for a profile.</summary>
    public static Option<string?> Profile(string description) => new("--profile")
    {
        Description = description,
        HelpName = "PROFILE",
        CustomParser = ValueParser.Profile,
    };

    /// <summary>Adds them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_snapshot);
        command.Options.Add(_profile);
    }

    /// <summary>The snapshot.</summary>
    public SnapshotId SnapshotOf(ParseResult arguments) => arguments.GetRequiredValue(_snapshot)!;

    /// <summary>The profile; null where none is given.</summary>
    public string? ProfileOf(ParseResult arguments) => arguments.GetValue(_profile);

    /// <summary>The trace.</summary>
    public TraceName NameOf(ParseResult arguments) =>
        new(SnapshotOf(arguments), ProfileOf(arguments) ?? TraceName.DefaultProfile);
}
