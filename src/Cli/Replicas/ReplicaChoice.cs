using System.CommandLine;
using System.CommandLine.Parsing;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Replicas;

/// <summary>The options that say which replica of a snapshot is to be made.</summary>
internal sealed class ReplicaChoice
{
    private readonly Option<int?> _segmentSize = new("--segment-size")
    {
        Description = "Segment size, a power of two from 64K to 16M; else the snapshot's",
        HelpName = "SIZE",
        CustomParser = ValueParser.SegmentSize,
    };

    private readonly Option<long?> _unit = new("--stripe-unit")
    {
        Description = "Bytes that follow each other in a segment, a power of two from 4K; goes with --stripe-count",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(StripeLayout.MinUnitBytes, SegmentMap.MaxSegmentSizeBytes),
    };

    private readonly Option<int?> _count = new("--stripe-count")
    {
        Description = "Segments that are filled in turns, 1 to 64; goes with --stripe-unit",
        HelpName = "N",
        CustomParser = ValueParser.Count(1, StripeLayout.MaxStripeCount),
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"Name of the key to encrypt it under; {ReplicaId.NoKey} for none; else the snapshot's own",
        HelpName = "NAME",
    };

    /// <summary>Adds them to a verb.</summary>
    public ReplicaChoice(Command verb)
    {
        verb.Options.Add(_segmentSize);
        verb.Options.Add(_unit);
        verb.Options.Add(_count);
        verb.Options.Add(_key);
        verb.Validators.Add(Check);
    }

    /// <summary>The replica of a snapshot that is meant.</summary>
    public ReplicaName Of(ImageInfo image, ParseResult arguments)
    {
        var unit = (int?)arguments.GetValue(_unit);
        var segment = arguments.GetValue(_segmentSize)
            ?? (unit > image.SegmentSizeBytes
                ? Math.Max(unit.Value, SegmentMap.DefaultSegmentSizeBytes) : image.SegmentSizeBytes);
        return new ReplicaName(
            image.Id,
            new StripeFormat(segment, unit ?? segment, arguments.GetValue(_count) ?? 1),
            ResourceName.Check(arguments.GetValue(_key) ?? image.Key?.Name ?? ReplicaId.NoKey, "key"));
    }

    private void Check(CommandResult result)
    {
        if (result.GetResult(_unit) is null != result.GetResult(_count) is null)
        {
            result.AddError("--stripe-unit and --stripe-count go together");
        }
    }
}
