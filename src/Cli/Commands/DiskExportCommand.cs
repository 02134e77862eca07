using System.CommandLine;
using SnapshotGrains.Cli.Export;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Commands;

/// <summary><c>disk export</c>.</summary>
internal sealed class DiskExportCommand : ServerVerb
{
    private readonly Argument<string> _disk = CommonArguments.Disk();

    private readonly Argument<string> _file = new("FILE")
    {
        Description = "The image to write, sparse, whole or not at all; - for standard output",
    };

    private readonly Option<bool> _luks = new("--luks")
    {
        Description = "Write a LUKS1 volume that cryptsetup, QEMU and nbdkit open, instead of a raw image",
    };

    private readonly Option<string?> _passphrase = new("--passphrase-file")
    {
        Description = "File with the passphrase of the LUKS volume; a newline at its end does not count",
        HelpName = "FILE",
    };

    private readonly KekOption _kek = new();

    /// <summary>The command.</summary>
    public DiskExportCommand(CliHost host)
        : base(host, "export", "Copy a disk, decrypted, to an image file; snapshot it first if a guest writes to it")
    {
        Arguments.Add(_disk);
        Arguments.Add(_file);
        Options.Add(_luks);
        Options.Add(_passphrase);
        Options.Add(_kek.Option);
        Validators.Add(result =>
        {
            if (result.GetValue(_file) == ExportTarget.StandardOutput
                && result.GetResult(Host.Globals.Json) is not null)
            {
                result.AddError("--json and the disk's bytes cannot share standard output; name a file");
            }

            if (result.GetValue(_luks) != result.GetResult(_passphrase) is not null)
            {
                result.AddError("--luks and --passphrase-file go together");
            }
        });
        Examples =
        [
            "snapgrains disk export vm1 vm1.raw",
            "snapgrains disk export vm1 - | zstd > vm1.raw.zst",
            "snapgrains disk export vm2 vm2.raw --kek file:/etc/snapgrains/kek",
            "snapgrains disk export vm1 vm1.luks --luks --passphrase-file pass",
            "snapgrains disk export vm1 /backup/vm1.raw --json",
        ];
    }

    /// <summary>A copy takes as long as it takes.</summary>
    protected override TimeSpan? TimeoutByDefault(ParseResult arguments) => null;

    /// <inheritdoc />
    protected override async Task RunAsync(
        HttpControlPlane server, VerbOutput output, ParseResult arguments, CancellationToken cancellationToken)
    {
        var disk = await server.GetDiskAsync(arguments.GetRequiredValue(_disk), cancellationToken);
        await using var keys = await _kek.OpenAsync(Host, server, arguments, disk.Key is not null, cancellationToken);
        var key = disk.Key is null ? null : await keys.Ring.OpenAsync(disk.Key, cancellationToken);
        var path = arguments.GetRequiredValue(_file);
        var started = Host.Time.GetTimestamp();
        var target = TargetOf(arguments, path, disk.SizeBytes);
        await using (target)
        {
            var data = await new TransferProgress(output, Host.Time).RunAsync(
                $"Exporting {disk.Name}",
                disk.SizeBytes,
                done => new DiskExporter(server, disk, key, target).RunAsync(done, cancellationToken));
            await target.CompleteAsync(cancellationToken);
            if (path != ExportTarget.StandardOutput)
            {
                var took = Host.Time.GetElapsedTime(started);
                output.Confirm(new DiskExported(disk.Name, path, disk.SizeBytes, data), made => Sentence(made, took));
            }
        }
    }

    private ExportTarget TargetOf(ParseResult arguments, string path, long sizeBytes)
    {
        if (!arguments.GetValue(_luks))
        {
            return ExportTarget.Open(Host, path, sizeBytes);
        }

        using var passphrase = PassphraseFile.Read(arguments.GetRequiredValue(_passphrase)!);
        var volume = Luks1Volume.Create(passphrase.Span);
        try
        {
            return new LuksTarget(volume, ExportTarget.Open(Host, path, LuksTarget.SizeOf(volume, sizeBytes)));
        }
        catch
        {
            volume.Dispose();
            throw;
        }
    }

    private static string Sentence(DiskExported made, TimeSpan took) =>
        $"Exported {made.Disk} to {made.File}: {ByteSize.Approximate(made.SizeBytes)}, "
        + $"{ByteSize.Approximate(made.DataBytes)} of them data, in {DurationText.Format(took)}.";
}
