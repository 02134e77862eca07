using System.CommandLine;
using SnapshotGrains.Cli.Commands;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Replicas;

/// <summary>The three words that name a derived replica.</summary>
internal sealed class ReplicaArguments
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The snapshot");

    private readonly Argument<StripeFormat?> _format = new("FORMAT")
    {
        Description = "The stripe format as SEGMENT/UNIT/COUNT, as 1M/64K/4",
        CustomParser = ValueParser.Format,
    };

    private readonly Argument<string> _key = new("KEY")
    {
        Description = $"The key's name; {ReplicaId.NoKey} for none",
    };

    /// <summary>Adds them to a verb.</summary>
    public ReplicaArguments(Command verb)
    {
        verb.Arguments.Add(_snapshot);
        verb.Arguments.Add(_format);
        verb.Arguments.Add(_key);
    }

    /// <summary>What they say.</summary>
    public ReplicaName NameOf(ParseResult arguments) => new(
        arguments.GetRequiredValue(_snapshot)!,
        arguments.GetRequiredValue(_format)!,
        ResourceName.Check(arguments.GetRequiredValue(_key), "key"));
}
