using System.CommandLine;
using SnapshotGrains.Cli.Demo;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>demo</c>: the whole system on this machine, with its promises checked.</summary>
internal sealed class DemoCommand : Verb
{
    private const int DefaultClones = 100;
    private const int DefaultReaders = 16;

    private readonly Option<long?> _size = new("--size")
    {
        Description = "Size of the generated image; else 1G",
        HelpName = "SIZE",
        CustomParser = ValueParser.Size(GeneratedDisk.MinSizeBytes),
    };

    private readonly Option<string?> _image = new("--image")
    {
        Description = "Use this raw image file in place of a generated one",
        HelpName = "FILE",
    };

    private readonly Option<int?> _clones = Count("--clones", 1, 10_000, "How many disks to clone; else 100");
    private readonly Option<int?> _readers = Count("--readers", 1, 256, "How many guests boot at once; else 16");
    private readonly Option<int?> _silos = Count("--silos", 1, 64, "How many silos; one is killed; else 3");
    private readonly Option<int?> _seed = Count("--seed", 0, int.MaxValue, "Seed of all that is random; else 1");

    private readonly Option<bool> _keep = new("--keep")
    {
        Description = "Leave it running afterwards, until Ctrl-C",
    };

    /// <summary>The command.</summary>
    public DemoCommand(CliHost host)
        : base(host, "demo", "Show it all on this machine: import, 100 clones, a boot storm, a killed silo")
    {
        foreach (var option in (Option[])[_size, _image, _clones, _readers, _silos, _seed, _keep])
        {
            Options.Add(option);
        }

        RefuseServerOptions();
        Examples =
        [
            "snapgrains demo",
            "snapgrains demo --image debian.raw --readers 32",
            "snapgrains demo --size 256M --clones 1000 --json",
            "snapgrains demo --keep",
        ];
    }

    /// <inheritdoc />
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var readers = arguments.GetValue(_readers) ?? DefaultReaders;
        var clones = arguments.GetValue(_clones) ?? Math.Max(DefaultClones, readers);
        if (clones < readers)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"--clones {clones} is too few: each of {readers} readers boots from a clone of its own.");
        }

        var options = new DemoOptions
        {
            SizeBytes = (arguments.GetValue(_size) ?? 1L << 30) / PartitionTable.SectorBytes
                * PartitionTable.SectorBytes,
            ImagePath = arguments.GetValue(_image),
            Clones = clones,
            Readers = readers,
            Silos = arguments.GetValue(_silos) ?? 3,
            Seed = (ulong)(arguments.GetValue(_seed) ?? 1),
            Keep = arguments.GetValue(_keep),
        };
        var demo = new DemoRun(Host, VerbOutput.Of(Host, arguments), options);
        var result = await demo.RunAsync(cancellationToken);
        return result.BrokenPromises.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static Option<int?> Count(string name, int least, int most, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = ValueParser.Count(least, most),
    };
}
