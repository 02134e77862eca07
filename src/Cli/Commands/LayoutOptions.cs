using System.CommandLine;
using System.CommandLine.Parsing;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary>The options that say which replica is meant, to be made or cloned from.</summary>
internal sealed class LayoutOptions
{
    private static readonly DiskLayout Nothing = new();

    private readonly Option<string?> _key = new("--key")
    {
        Description = $"Encrypt under this key; '{ReplicaId.NoKey}' for none, else the snapshot's own",
        HelpName = "KEY",
    };

    private readonly Option<int?> _segmentSize = new("--segment-size")
    {
        Description = "Segment size in the stripe format, 64K to 16M; else the snapshot's",
        HelpName = "SIZE",
        CustomParser = ValueParser.SegmentSize,
    };

    private readonly Option<long?> _stripeUnit = new("--stripe-unit")
    {
        Description = "Bytes that go to a column before the next one's turn, 4K up to the segment size",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(StripeLayout.MinUnitBytes, SegmentMap.MaxSegmentSizeBytes),
    };

    private readonly Option<int?> _stripeCount = new("--stripe-count")
    {
        Description = $"Columns, which are kept on different silos, 1 to {StripeLayout.MaxStripeCount}",
        HelpName = "N",
        CustomParser = ValueParser.Count(1, StripeLayout.MaxStripeCount),
    };

    /// <summary>Adds the options to a command, which then refuses half a stripe format.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_key, _segmentSize, _stripeUnit, _stripeCount])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(Check);
    }

    /// <summary>What was asked for; null when nothing was.</summary>
    public DiskLayout? Of(ParseResult arguments) => Read(arguments) is var asked && asked != Nothing ? asked : null;

    /// <summary>The replica of a snapshot that is meant, with nothing left open.</summary>
    public ReplicaName NameOf(ImageInfo image, ParseResult arguments)
    {
        var asked = Read(arguments);
        var segment = asked.SegmentSizeBytes ?? Math.Max(image.SegmentSizeBytes, asked.StripeUnitBytes ?? 0);
        var key = asked.Key ?? image.Key?.Name ?? ReplicaId.NoKey;
        var format = new StripeFormat(segment, asked.StripeUnitBytes ?? segment, asked.StripeCount ?? 1);
        return new ReplicaName(image.Id, format, ResourceName.Check(key, "key"));
    }

    private DiskLayout Read(ParseResult arguments) => new(
        arguments.GetValue(_segmentSize), (int?)arguments.GetValue(_stripeUnit), arguments.GetValue(_stripeCount),
        arguments.GetValue(_key));

    private void Check(CommandResult result)
    {
        if (result.GetResult(_stripeUnit) is null != result.GetResult(_stripeCount) is null)
        {
            result.AddError("--stripe-unit and --stripe-count go together");
        }
    }
}
