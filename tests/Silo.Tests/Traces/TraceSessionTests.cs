using System.Globalization;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Agents;
using SnapshotGrains.Silo.Tests.Cli;

namespace SnapshotGrains.Silo.Tests.Traces;

/// <summary>Agents of compute hosts record and replay too, in all formats; the verbs of traces on what they found.
/// </summary>
public sealed class TraceSessionTests
{
    private const int Segment = TestImage.Segment;
    private const int Segments = 16;

    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");
    private static readonly TraceName Web = new(Image, "web");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly long[] _order = [9, 2, 0, 12, 5, 7];
    private readonly byte[] _content = new byte[Segments * Segment];

    public TraceSessionTests() => new Random(8).NextBytes(_content);

    [Fact]
    public async Task Agents_share_one_trace_for_all_formats_and_it_goes_from_server_to_server()
    {
        await using var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync($"{Image}", _content);
        var striped = new DiskLayout(StripeUnitBytes: 64 << 10, StripeCount: 4);
        (await BootAsync(silo, "plain", layout: null)).Recorded.Should().Be(1);
        (await TestBoot.TraceAsync(silo.Api, Web, runs: 1)).Segments().Should().Equal(_order);

        // Read whole, a striped disk's segments are touched in the same order.
        (await BootAsync(silo, "striped", striped)).LoadedBytes.Should().BeGreaterThan(0);
        (await TestBoot.TraceAsync(silo.Api, Web, runs: 2)).Segments().Should().Equal(_order);

        await ShowAsync(silo);
        await MoveAsync(silo);
    }

    private async Task<TraceStatistics> BootAsync(TestSilo silo, string disk, DiskLayout? layout)
    {
        await silo.Api.CloneAsync(Image, [disk], new CloneOptions(HydrationMode.None, layout, "web"), None);
        await using var client = SnapshotGrainsClient.Connect(silo.Process.HttpAddress);
        await using (var guest = await client.OpenDiskAsync(disk))
        {
            var bytes = new byte[Segment];
            foreach (var segment in _order)
            {
                await guest.ReadAsync(segment * Segment, bytes);
                bytes.AsSpan().SequenceEqual(_content.AsSpan((int)segment * Segment, Segment)).Should().BeTrue();
            }
        }

        await client.Traces!.DisposeAsync();
        return client.Traces.Statistics;
    }

    private static async Task ShowAsync(TestSilo silo)
    {
        (await SucceedAsync(silo, $"trace show {Image}")).Should().MatchRegex(@"NAME .*\n.*web +6 +6");
        (await SucceedAsync(silo, $"trace show {Image} --profile web")).Should()
            .MatchRegex("Newest run agrees +100.0 %");
        (await SucceedAsync(silo, $"trace show {Image} -q")).Should().Be("web");
        (await CliRun.OfAsync(silo.Process.HttpAddress, $"trace show {Image} --profile db")).ExitCode.Should().Be(3);
    }

    private static async Task MoveAsync(TestSilo silo)
    {
        var (packed, text) = (Path.Combine(silo.Directory, "a.trace"), Path.Combine(silo.Directory, "a.txt"));
        (await SucceedAsync(silo, $"trace export {Image} {packed} --profile web")).Should()
            .StartWith("Wrote 6 segments");
        await SucceedAsync(silo, $"trace export {Image} {text} --profile web --text");
        (await SucceedAsync(silo, $"trace import {packed} {Image}")).Should()
            .Be($"Trace {Image}/default has 6 segments now.");
        var lines = await File.ReadAllLinesAsync(text);
        await File.WriteAllLinesAsync(text, [.. lines, "11 1000000"]);
        await SucceedAsync(silo, $"trace import {text} {Image} --profile mine");
        var mine = await TestBoot.TraceAsync(silo.Api, new TraceName(Image, "mine"), runs: 0);
        mine.Segments().Should().Equal(9, 2, 0, 12, 5, 7, 11);
        mine.Duration.TotalSeconds.ToString(CultureInfo.InvariantCulture).Should().Be("1000");

        await File.WriteAllTextAsync(text, "size 5");
        (await CliRun.OfAsync(silo.Process.HttpAddress, $"trace import {text} {Image}")).ExitCode.Should().Be(2);
        (await SucceedAsync(silo, $"trace rm {Image}")).Should().Be($"Deleted trace {Image}/default.");
        (await CliRun.OfAsync(silo.Process.HttpAddress, $"trace rm {Image}")).ExitCode.Should().Be(3);
    }

    private static async Task<string> SucceedAsync(TestSilo silo, string line)
    {
        var run = await CliRun.OfAsync(silo.Process.HttpAddress, line);
        run.ExitCode.Should().Be(0, run.Error);
        return run.Out.ReplaceLineEndings("\n").TrimEnd();
    }
}
