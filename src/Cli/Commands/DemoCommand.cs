using System.CommandLine;
using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Commands;
internal sealed class DemoCommand(CliHost host) : Verb(host, "demo", "x")
{
    protected override Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
}
