using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Import;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Silo;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Demo;

/// <summary>The demo, from the empty directory to the verdict.</summary>
/// <param name="host">The surroundings.</param>
/// <param name="output">How to print.</param>
/// <param name="options">What to show.</param>
internal sealed class DemoRun(CliHost host, VerbOutput output, DemoOptions options)
{
    private static readonly SnapshotId Snapshot = SnapshotId.Parse("demo@v1");

    private readonly TransferProgress _progress = new(output, host.Time);
    private readonly long _started = host.Time.GetTimestamp();

    /// <summary>Runs it and prints what it found.</summary>
    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        LogDefaults.UseErrorsOnly(host);
        using var directory = new DemoDirectory();
        var imagePath = await PrepareImageAsync(directory, cancellationToken);
        var cluster = await DemoCluster.StartAsync(
            directory, options.Silos, host.CreateHttpHandler(null), cancellationToken);
        await using (cluster)
        {
            Say("Silos", $"{options.Silos} in this process on engine {SiloProcess.Engine}, {cluster.HttpAddress}");
            var result = await ShowAsync(cluster, imagePath, directory.Socket, cancellationToken);
            if (output.IsJson)
            {
                output.WriteJson(result);
            }
            else
            {
                DemoReport.Write(host.Console, result);
            }

            if (options.Keep)
            {
                await KeepAsync(cluster, cancellationToken);
            }

            return result;
        }
    }

    private async Task<string> PrepareImageAsync(DemoDirectory directory, CancellationToken cancellationToken)
    {
        if (options.ImagePath is { } given)
        {
            var path = Path.GetFullPath(given);
            if (!File.Exists(path))
            {
                throw new SnapshotGrainsException(ErrorCode.NotFound, $"There is no file '{given}'.");
            }

            directory.RequireSpace(new FileInfo(path).Length);
            return path;
        }

        directory.RequireSpace(2 * options.SizeBytes);
        var started = host.Time.GetTimestamp();
        await _progress.RunAsync("Generating a disk image", options.SizeBytes, async written =>
        {
            await new GeneratedDisk(options.SizeBytes, options.Seed)
                .WriteAsync(directory.Image, written, cancellationToken);
            return 0;
        });
        var size = ByteSize.Approximate(options.SizeBytes);
        Say("Image", $"{size} generated from seed {options.Seed} in {Since(started)}");
        return directory.Image;
    }

    private async Task<DemoResult> ShowAsync(
        DemoCluster cluster, string imagePath, string socket, CancellationToken cancellationToken)
    {
        var image = await ImportAsync(cluster, imagePath, cancellationToken);
        var (disks, cloning) = await CloneAsync(cluster, cancellationToken);
        var touched = await cluster.OpenSegmentsAsync(Snapshot, cancellationToken);
        var storm = await BootStorm.ConnectAsync(
            socket, disks.Take(options.Readers), imagePath, new BootTrace(image.SizeBytes, options.Seed), touched,
            host.Time, cancellationToken);
        await using (storm)
        {
            var meter = new OriginMeter(cluster, storm, touched);
            await StormAsync(cluster, storm, meter, cancellationToken);
            var tally = storm.Total();
            return new DemoResult
            {
                Engine = SiloProcess.Engine,
                DurationSeconds = host.Time.GetElapsedTime(_started).TotalSeconds,
                Image = image,
                Clones = disks.Count,
                CloneSeconds = cloning.TotalSeconds,
                Readers = options.Readers,
                KilledSilo = meter.Killed?.Name,
                BeforeKill = meter.Before!,
                Total = await meter.TotalAsync(cancellationToken),
                AmplificationLimit = meter.Limit,
                Cold = LatencyCount.Of(tally.Cold),
                Warm = LatencyCount.Of(tally.Warm),
                AfterKill = LatencyCount.Of(tally.AfterKill),
                Silos = await meter.SilosAsync(cancellationToken),
                ReadErrors = tally.ReadErrors,
                WrongReads = tally.WrongReads,
            };
        }
    }

    private async Task<ImageInfo> ImportAsync(
        DemoCluster cluster, string imagePath, CancellationToken cancellationToken)
    {
        var started = host.Time.GetTimestamp();
        var file = await ImageFile.OpenAsync(host, imagePath, cancellationToken);
        await using (file)
        {
            var image = await _progress.RunAsync($"Importing {Snapshot}", file.LengthBytes, async sent =>
            {
                using var content = file.ToContent(sent);
                return await cluster.Api.ImportImageAsync(Snapshot, content, null, cancellationToken);
            });
            Say("Import", $"{Snapshot} in {Since(started)}: {Shares.Count(image.Segments)} segments, "
                + $"{Shares.Count(image.ZeroSegments)} of them zero, {ByteSize.Approximate(image.StoredBytes)} stored");
            return image;
        }
    }

    private async Task<(IReadOnlyList<string> Names, TimeSpan Took)> CloneAsync(
        DemoCluster cluster, CancellationToken cancellationToken)
    {
        var started = host.Time.GetTimestamp();
        string[] names = [.. Enumerable.Range(1, options.Clones).Select(n => $"vm{n}")];
        // Thin: this demo counts what boots fetch, which hydration would blur.
        await cluster.Api.CloneAsync(Snapshot, names, HydrationMode.None, cancellationToken);
        var took = host.Time.GetElapsedTime(started);
        Say("Clones", $"{names.Length} disks in {DurationText.Format(took)}");
        return (names, took);
    }

    private async Task StormAsync(
        DemoCluster cluster, BootStorm storm, OriginMeter meter, CancellationToken cancellationToken)
    {
        var started = host.Time.GetTimestamp();
        await _progress.RunAsync($"{options.Readers} guests boot", storm.PlannedBytes, async served =>
        {
            using var watch = new ProgressWatch(() => storm.ServedBytes, served, host.Time);
            await storm.RunFirstHalfAsync(cancellationToken);
            await meter.NoteHalfAsync(cancellationToken);
            await storm.RunSecondHalfAsync(
                () => meter.Killed is { } victim ? cluster.KillAsync(victim.Name) : Task.CompletedTask,
                cancellationToken);
            return 0;
        });
        var loss = meter.Killed is { } killed ? $"{killed.Name} was killed half-way" : "the only silo was left alone";
        Say("Storm", $"{options.Readers} guests read {ByteSize.Approximate(storm.ServedBytes)} over NBD in "
            + $"{Since(started)}; {loss}");
    }

    private async Task KeepAsync(DemoCluster cluster, CancellationToken cancellationToken)
    {
        DemoHints.Write(host.Console.Out, cluster);
        await cluster.WaitForShutdownAsync(cancellationToken);
    }

    private string Since(long started) => DurationText.Format(host.Time.GetElapsedTime(started));

    private void Say(string what, string text)
    {
        if (output.IsTalkative)
        {
            host.Console.Out.WriteLine($"{what,-8}{text}");
            host.Console.Out.Flush();
        }
    }
}
