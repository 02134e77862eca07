using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>hydration limit</c>.</summary>
internal sealed class HydrationLimitCommand : ServerVerb
{
    private readonly Argument<HydrationLimit?> _rate = new("RATE")
    {
        Description = "Most bytes a second that each node reads to hydrate its disks, as 50M; none for no limit",
        CustomParser = ValueParser.Rate,
    };

    /// <summary>The command.</summary>
    public HydrationLimitCommand(CliHost host)
        : base(host, "limit", "Cap what hydration reads, from now on until the nodes are restarted")
    {
        Arguments.Add(_rate);
        Examples = ["snapgrains hydration limit 50M", "snapgrains hydration limit none"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var limit = arguments.GetRequiredValue(_rate)!;
        await server.SetHydrationLimitAsync(limit.BytesPerSecond, cancellationToken);
        output.Confirm(limit, now => now.BytesPerSecond is { } rate
            ? $"Each node hydrates with at most {ByteSize.Approximate(rate)}/s."
            : "Hydration has no limit.");
    }
}
