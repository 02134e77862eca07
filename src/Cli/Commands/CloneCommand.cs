using System.CommandLine;
using System.CommandLine.Parsing;
using SnapshotGrains.Cli.Batches;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Cli.Watching;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>clone</c>: disks by name, or numbered ones as a batch.</summary>
internal sealed class CloneCommand : ServerVerb
{
    private readonly Argument<SnapshotId?> _snapshot = CommonArguments.Snapshot("The snapshot to clone");

    private readonly Argument<string[]?> _disks = new("DISK")
    {
        Description = "The new disks' names; or use --count and --prefix",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = ValueParser.DiskNames,
    };

    private readonly Option<int?> _count = new("--count")
    {
        Description = "Create this many numbered disks, 1 to 10000, as one operation that survives crashes",
        HelpName = "N",
        CustomParser = ValueParser.Count(1, BatchCloneSpec.MaxDisks),
    };

    private readonly Option<string?> _prefix = new("--prefix")
    {
        Description = "What the numbered disks' names begin with, as vm-",
        HelpName = "P",
    };

    private readonly Option<int?> _first = new("--first")
    {
        Description = "Number of the first disk; else 1",
        HelpName = "N",
        CustomParser = ValueParser.Count(0, int.MaxValue),
    };

    private readonly Option<string?> _id = new("--id")
    {
        Description = "Id of the operation, to start it once only; else one that runs for these disks, or a new one",
        HelpName = "ID",
        CustomParser = ValueParser.OperationId,
    };

    private readonly Option<HydrationMode?> _hydrate = HydrateOption.Create();

    private readonly LayoutOptions _layout = new();

    private readonly Option<string?> _profile = TraceArguments.Profile(
        "Profile of the trace that is recorded and loaded ahead, none for neither; else default");

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Change nothing; say what it would cost in bytes, memory and time",
    };

    private readonly Option<bool> _wait = new("--wait")
    {
        Description = "Wait for the end of the operation; with --hydrate eager, until the disks are ready",
    };

    /// <summary>The command.</summary>
    public CloneCommand(CliHost host)
        : base(host, "clone", "Create disks that start with a snapshot's content, at once and without copying it")
    {
        Arguments.Add(_snapshot);
        Arguments.Add(_disks);
        foreach (var option in (Option[])[_count, _prefix, _first, _id, _hydrate, _profile, _dryRun, _wait])
        {
            Options.Add(option);
        }

        _layout.AddTo(this);
        Validators.Add(CheckChoice);
        Examples =
        [
            "snapgrains clone debian@v1 vm1",
            "snapgrains clone debian@v1 ci-{1..100} --hydrate none",
            "snapgrains clone debian@v1 --count 1000 --prefix vm- --wait",
            "snapgrains clone debian@v1 --count 1000 --prefix vm- --dry-run",
            "snapgrains clone debian@v1 --count 50 --prefix db- --first 101 --hydrate eager --wait --id db-wave-3",
            "snapgrains clone debian@v1 web-1 web-2 --profile web",
            "snapgrains clone debian@v1 vm1 --key tenant-a --stripe-unit 64K --stripe-count 4",
            "snapgrains --server http://node7:8080 clone debian@v1 vm1 --json",
        ];
    }

    /// <inheritdoc />
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) =>
        arguments.GetValue(_wait) ? null : base.TimeoutByDefault(arguments);

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var spec = SpecOf(arguments);
        spec.Check();
        if (arguments.GetValue(_dryRun))
        {
            output.Describe(await server.PlanBatchCloneAsync(spec, cancellationToken), PlanFacts.Of);
        }
        else if (spec.Names.IsEmpty)
        {
            await CloneNumberedAsync(server, output, arguments, spec, cancellationToken);
        }
        else
        {
            await CloneNamedAsync(server, output, spec, arguments.GetValue(_wait), cancellationToken);
        }
    }

    private BatchCloneSpec SpecOf(ParseResult arguments)
    {
        var snapshot = arguments.GetRequiredValue(_snapshot)!;
        var hydration = arguments.GetValue(_hydrate) ?? HydrationMode.Background;
        var layout = _layout.Of(arguments);
        var trace = arguments.GetValue(_profile);
        return arguments.GetValue(_count) is { } count
            ? new BatchCloneSpec(
                snapshot, arguments.GetValue(_prefix)!, count, arguments.GetValue(_first) ?? 1, hydration, layout,
                Trace: trace)
            : new BatchCloneSpec(
                snapshot, Hydration: hydration, Layout: layout, Names: [.. arguments.GetValue(_disks)!],
                Trace: trace);
    }

    private async Task CloneNamedAsync(
        HttpControlPlane server, VerbOutput output, BatchCloneSpec spec, bool wait, CancellationToken cancellationToken)
    {
        var started = Host.Time.GetTimestamp();
        var disks = await server.CloneAsync(
            spec.Snapshot, spec.Names, new CloneOptions(spec.Hydration, spec.Layout, spec.Trace), cancellationToken);
        if (wait && spec.Hydration == HydrationMode.Eager)
        {
            GoesOn = "Hydration goes on; 'snapgrains disk ls' shows the disks.";
            await new HydrationWait(server, output, Host.Time).RunAsync(
                $"Hydrating {Shares.Count(spec.Total)} disks", spec.Names, cancellationToken);
        }

        var took = DurationText.Format(Host.Time.GetElapsedTime(started));
        output.Confirm(disks, made => made.Count == 1
            ? $"Cloned {spec.Snapshot} to {made[0].Name} ({ByteSize.Approximate(made[0].SizeBytes)}) in {took}."
            : $"Cloned {spec.Snapshot} to {made.Count} disks in {took}.");
    }

    private async Task CloneNumberedAsync(
        HttpControlPlane server,
        VerbOutput output,
        ParseResult arguments,
        BatchCloneSpec spec,
        CancellationToken cancellationToken)
    {
        var wait = arguments.GetValue(_wait);
        var started = Host.Time.GetTimestamp();
        var run = new BatchRun(server, output, Host.Time);
        var id = arguments.GetValue(_id) ?? await run.ChooseIdAsync(spec, cancellationToken);
        GoesOn = $"Batch clone '{id}' goes on: 'snapgrains batch info {id}' shows it, "
            + $"'snapgrains batch cancel {id}' stops it.";
        var batch = await run.RunAsync(id, spec, wait, cancellationToken);
        var report = await BatchReader.ReportAsync(server, batch, cancellationToken);
        if (wait && spec.Hydration == HydrationMode.Eager && batch.Created > 0)
        {
            GoesOn = "All disks are made; hydration goes on: 'snapgrains disk ls' shows them.";
            var failed = report.Failures.Select(failure => failure.Disk);
            await new ReadyWait(server, output, Host.Time).RunAsync(
                [.. Enumerable.Range(0, spec.Total).Select(spec.NameAt).Except(failed)], cancellationToken);
        }

        BatchOutcome.Print(output, report, Host.Time.GetElapsedTime(started));
    }

    private void CheckChoice(CommandResult result)
    {
        var names = result.GetResult(_disks)?.Tokens.Count ?? 0;
        var isCounted = result.GetResult(_count) is not null;
        var isPrefixed = result.GetResult(_prefix) is not null;
        var isDetailed = isPrefixed || result.GetResult(_first) is not null || result.GetResult(_id) is not null;
        if (isCounted ? names > 0 || !isPrefixed : names == 0)
        {
            result.AddError("name the disks to clone, or give both --count and --prefix");
        }
        else if (isDetailed && !isCounted)
        {
            result.AddError("--prefix, --first and --id go with --count");
        }
    }
}
