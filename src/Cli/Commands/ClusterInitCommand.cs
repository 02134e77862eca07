using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Silo;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>cluster init</c>: needs the database, and no silo.</summary>
internal sealed class ClusterInitCommand : Verb
{
    private readonly Option<Membership> _membership = new("--membership")
    {
        Description = "The kind of database: postgres or redis",
        HelpName = "WHERE",
        Required = true,
    };

    private readonly Option<string?> _connectionString = new("--connection-string")
    {
        Description = $"As {ConnectionSource.Rule}; else ${Variable}",
        HelpName = "SOURCE",
    };

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Print the SQL instead of running it",
    };

    /// <summary>The command.</summary>
    public ClusterInitCommand(CliHost host)
        : base(host, "init", "Prepare the database that the silos of a cluster share; does no harm when repeated")
    {
        _membership.AcceptOnlyFromAmong(["postgres", "redis"]);
        Options.Add(_membership);
        Options.Add(_connectionString);
        Options.Add(_dryRun);
        RefuseServerOptions();
        Examples =
        [
            "snapgrains cluster init --membership postgres --connection-string file:/etc/snapgrains/db",
            "snapgrains cluster init --membership postgres --dry-run | psql snapgrains",
            "snapgrains cluster init --membership redis --connection-string env:REDIS",
        ];
    }

    /// <summary>What a silo's setting is called in the environment.</summary>
    private static string Variable => "SNAPSHOTGRAINS__CONNECTIONSTRING";

    /// <inheritdoc />
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var membership = arguments.GetValue(_membership);
        var setup = ClusterSetup.Of(membership);
        if (arguments.GetValue(_dryRun))
        {
            Host.Console.Out.WriteLine(setup.Script ?? $"-- {membership} needs no tables.");
            return ExitCode.Ok;
        }

        var warnings = await setup.ApplyAsync(SourceOf(arguments), cancellationToken);
        VerbOutput.Of(Host, arguments).Confirm(
            new ClusterInitialized(membership, warnings),
            done => string.Join(
                Environment.NewLine,
                ["The database is ready.", .. done.Warnings.Select(warning => $"Warning: {warning}")]));
        return ExitCode.Ok;
    }

    private ConnectionSource SourceOf(ParseResult arguments)
    {
        var text = arguments.GetValue(_connectionString) ?? Host.Environment(Variable);
        return string.IsNullOrWhiteSpace(text)
            ? throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"Which database? Say --connection-string SOURCE ({ConnectionSource.Rule}), or set {Variable}.")
            : ConnectionSource.Parse(text);
    }
}
