using System.Net;
using System.Runtime.Versioning;
using System.Text;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Encryption;

/// <summary>
/// Shows that neither plaintext of an encrypted disk nor its key is in anything that a silo process stores, logs or
/// sends to a client library in another process (test catalogue 31).
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class PlaintextScanTests
{
    private const int Segment = TestImage.Segment;

    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The loopback network's other addresses: the same ports lead to a tap there.</summary>
    private static readonly IPAddress Tapped = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task Plaintext_and_keys_are_in_no_file_no_log_and_on_no_wire()
    {
        using var keks = new KekFiles();
        using var cache = new TempDirectory();
        await using var silo = new SiloChild
        {
            Options =
            [
                "--kek", keks.SourceOf(1), "--silos", "2", "--disk-cache", cache.Path, "--disk-cache-size", "64M",
            ],
            Nbd = "127.0.0.1:0",
            Environment = { ["Logging__Console__LogLevel__Default"] = "Debug" },
            KeptLines = int.MaxValue,
        };
        await silo.StartAsync();
        var content = TestImage.Random(8 * Segment);
        var written = new byte[2 * Segment];
        new Random(77).NextBytes(written);
        await silo.ImportAsync("img@1", content);
        var key = await silo.Api.CreateKeyAsync("tenant", None);
        await silo.Remote.CloneAsync(
            SnapshotId.Parse("img@1"), "vm",
            new CloneOptions(HydrationMode.Background, new DiskLayout(null, 64 << 10, 4, "tenant")));

        byte[][] onWire;
        await using (var http = TapOf(new Uri(silo.Api.Server.ToString()).Port))
        await using (var nbd = TapOf(await NbdPortAsync(silo)))
        {
            await UseAsync(silo, content, written);
            onWire = [http.Captured, nbd.Captured];
        }

        onWire.Should().OnlyContain(capture => capture.Length > Segment, "much has passed the taps");
        var guest = Samples(written).Concat(
            new[] { KekFiles.BytesOf(1), KekFiles.Unwrap(key, 1) }.SelectMany(SecretScan.Spellings)).ToArray();
        var all = guest.Concat(Samples(content)).ToArray();
        foreach (var capture in onWire)
        {
            SecretScan.ShouldLack(capture, all, "the wire");
        }

        (await silo.Api.ListNodesAsync(None))[0].DiskCache!.BytesWritten.Should().BePositive();
        await silo.KillAsync();
        foreach (var file in FilesIn(silo.Data).Concat(FilesIn(cache.Path)))
        {
            // The image itself was imported in the clear, and its segments are kept as they came.
            var isImage = file.StartsWith(Path.Combine(silo.Data, "image-center"), StringComparison.Ordinal)
                || file.StartsWith(cache.Path, StringComparison.Ordinal);
            SecretScan.ShouldLack(await SecretScan.ReadAsync(file), isImage ? guest : all, file);
        }

        SecretScan.ShouldLack(Encoding.UTF8.GetBytes(silo.Log), all, "the log");
    }

    /// <summary>Writes, reads, hydrates, makes a snapshot and reads that, all through the taps.</summary>
    private static async Task UseAsync(SiloChild silo, byte[] content, byte[] written)
    {
        var server = new UriBuilder(silo.Api.Server) { Host = Tapped.ToString() }.Uri;
        await using var remote = SnapshotGrainsClient.Connect(
            server, new ClientOptions { Keks = KekFiles.KeksOf(1) });
        await using (var disk = await remote.OpenDiskAsync("vm"))
        {
            await disk.WriteAsync(Segment + 700, written, isDurable: true);
            written.CopyTo(content, Segment + 700);
            await ReadAsync(disk, content);
        }

        await remote.Control.ControlHydrationAsync("vm", HydrationCommand.Flatten, None);
        await Eventually.IsTrueAsync(
            async () => (await remote.Control.GetDiskAsync("vm", None)).State == DiskState.Ready, "the disk is ready");
        var snapshot = SnapshotId.Parse("vm@1");
        while (!(await remote.Control.SnapshotDiskAsync("vm", snapshot, None)).IsDone)
        {
        }

        await using var copy = await remote.OpenSnapshotAsync(snapshot);
        await ReadAsync(copy, content);
    }

    private static IEnumerable<string> FilesIn(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories);

    private static async Task ReadAsync(VirtualDisk disk, byte[] content)
    {
        var bytes = new byte[content.Length];
        await disk.ReadManyAsync(0, bytes);
        bytes.AsSpan().SequenceEqual(content).Should().BeTrue();
    }

    private static WireTap TapOf(int port) =>
        new(new IPEndPoint(Tapped, port), new IPEndPoint(IPAddress.Loopback, port));

    private static async Task<int> NbdPortAsync(SiloChild silo)
    {
        var endpoints = (await silo.Api.GetStatusAsync(None)).Nbd.Endpoints;
        return new Uri(endpoints.Single(uri => uri.StartsWith("nbd://", StringComparison.Ordinal))).Port;
    }

    /// <summary>Pieces from all over a content that are not zero.</summary>
    private static IEnumerable<byte[]> Samples(byte[] content) => Enumerable.Range(0, 64)
        .Select(i => content.AsSpan((int)((long)content.Length * i / 64), 48).ToArray())
        .Where(sample => sample.AsSpan().ContainsAnyExcept((byte)0));
}
