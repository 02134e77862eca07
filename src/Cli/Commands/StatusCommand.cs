using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>status</c>.</summary>
internal sealed class StatusCommand : ServerVerb
{
    /// <summary>The command.</summary>
    public StatusCommand(CliHost host)
        : base(host, "status", "Show the server: engine, silos, reads, image center and NBD")
    {
        Examples = ["snapgrains status", "snapgrains status --json | jq .reads.originAmplification"];
    }

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var status = await server.GetStatusAsync(cancellationToken);
        output.Describe(status, Facts);
        if (output.IsTalkative && status.Nodes.Count > 0)
        {
            output.Console.Out.WriteLine();
            output.List(status.Nodes, NodeTable.Create());
        }
    }

    private IReadOnlyList<Fact> Facts(ServerStatus status) =>
    [
        new("Version", status.Version),
        new("Engine", status.Engine),
        new("Up", DurationText.Format(Host.Time.GetUtcNow() - status.StartedAt)),
        new("Image center", status.ImageCenter),
        new("Images", Shares.Count(status.Images)),
        new("Disks", Shares.Count(status.Disks)),
        new("Silos", Shares.Count(status.Nodes.Count)),
        new("Bytes served", ByteSize.Approximate(status.Reads.BytesServed)),
        new("Bytes needed", $"{ByteSize.Approximate(status.Reads.DistinctBytesNeeded)} (distinct)"),
        new("Bytes fetched", $"{ByteSize.Approximate(status.Reads.OriginBytesFetched)} (from the image center)"),
        new("Origin amplification", Shares.Factor(status.Reads.OriginAmplification)),
        .. status.Nbd.Endpoints.Select(endpoint => new Fact("NBD", endpoint)),
        new("NBD connections", Shares.Count(status.Nbd.Connections)),
        new("NBD requests", $"{Shares.Count(status.Nbd.Requests)}, {Shares.Count(status.Nbd.Errors)} with an error"),
    ];
}
