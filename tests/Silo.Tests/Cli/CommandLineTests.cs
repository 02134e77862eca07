using SnapshotGrains.Cli.Output;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows how words become requests, and that a wrong line is one clear sentence and exit code 2.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--server http://there:81 disk ls")]
    [InlineData("disk --server http://there:81 ls")]
    [InlineData("disk ls --server http://there:81")]
    [InlineData("disk ls --server there:81")]
    public async Task The_server_may_be_named_before_or_after_the_verb(string line)
    {
        var silo = FakeSilo.Answering(Array.Empty<DiskInfo>());
        var run = await CliRun.OfAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Requests.Should().Equal("GET http://there:81/v1/disks");
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:8080/v1/status")]
    [InlineData("", "http://127.0.0.1:8080/v1/status")]
    [InlineData("http://node7:9000", "http://node7:9000/v1/status")]
    public async Task Without_the_option_the_environment_names_the_server(string? variable, string asked)
    {
        var silo = FakeSilo.Answering(Samples.Status);
        var run = await CliRun.OfAsync(
            silo, ["status"], environment: name => name == "SNAPSHOTGRAINS_SERVER" ? variable : null);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Requests.Should().Equal($"GET {asked}");
    }

    [Fact]
    public async Task A_wrong_variable_is_a_usage_error()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), ["status"], environment: _ => "ftp://x");
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain("SNAPSHOTGRAINS_SERVER is 'ftp://x'");
    }

    [Theory]
    [InlineData("nonsense", "'nonsense'")]
    [InlineData("image", "image --help")]
    [InlineData("image ls --nonsense", "'--nonsense'")]
    [InlineData("image ls --server ftp://x", "'ftp://x'")]
    [InlineData("image ls --server", "--server")]
    [InlineData("image ls --timeout soon", "'soon'")]
    [InlineData("image inspect debian", "'debian'")]
    [InlineData("image import disk.raw Debian@v1", "'Debian@v1'")]
    [InlineData("image import disk.raw debian@v1 --segment-size 100K", "'100K'")]
    [InlineData("image import disk.raw debian@v1 --segment-size 32M", "'32M'")]
    [InlineData("clone debian@v1", "clone")]
    [InlineData("clone debian@v1 UPPER", "'UPPER'")]
    [InlineData("clone debian@v1 vm1 --count 2 --prefix x", "--count")]
    [InlineData("clone debian@v1 --count 2", "--prefix")]
    [InlineData("clone debian@v1 --prefix vm-", "--count")]
    [InlineData("clone debian@v1 vm1 --id x", "--id")]
    [InlineData("clone debian@v1 vm1 --hydrate later", "'later'")]
    [InlineData("clone debian@v1 --count 10001 --prefix vm-", "'10001'")]
    [InlineData("clone debian@v1 --count 2 --prefix VM", "'VM1'")]
    [InlineData("clone debian@v1 --count 2 --prefix vm- --id A@B", "'A@B'")]
    [InlineData("disk resize vm1 5", "'5'")]
    [InlineData("disk resize vm1", "disk resize --help")]
    [InlineData("disk pause vm1 --wait", "--wait")]
    [InlineData("hydration limit fast", "'fast'")]
    [InlineData("hydration limit 0", "'0'")]
    [InlineData("disk rm", "disk rm --help")]
    [InlineData("silo --silos 0", "'0'")]
    [InlineData("silo --silos 65", "'65'")]
    [InlineData("silo --cache-bytes 10KB", "'10KB'")]
    [InlineData("silo --cache-bytes 1K", "at least 1 MiB")]
    [InlineData("silo --disk-cache /tmp/x --disk-cache-size 1M", "at least 4 MiB")]
    [InlineData("attach vm1 --socket /tmp/x.sock --disk-cache-size 1G", "--disk-cache")]
    [InlineData("attach vm1 --socket /tmp/x.sock --disk-cache /dev/null/x", "choose a directory")]
    [InlineData("silo --server http://x", "--server")]
    [InlineData("demo --server http://x", "--server")]
    [InlineData("disk ls --json=maybe", "maybe")]
    [InlineData("demo --size 1", "'1'")]
    [InlineData("demo --clones 3", "--clones 3")]
    [InlineData("demo --readers many", "'many'")]
    [InlineData("version --server http://x", "--server")]
    public async Task A_wrong_line_is_one_sentence_that_names_the_fault(string line, string named)
    {
        var silo = FakeSilo.Silent();
        var run = await CliRun.OfAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Out.Should().BeEmpty();
        run.Error.Should().StartWith("snapgrains: ").And.Contain(named);
        run.Error.TrimEnd().Should().NotContain("\n");
        silo.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData("64K", 65536)]
    [InlineData("1m", 1 << 20)]
    [InlineData("16MiB", 16 << 20)]
    public async Task Segment_sizes_are_read_with_their_unit(string text, int bytes)
    {
        var silo = FakeSilo.Answering(Samples.Image);
        var run = await CliRun.OfAsync(silo, ["image", "import", "-", "debian@v1", "--segment-size", text], input: []);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Requests.Should().Equal(
            $"PUT http://127.0.0.1:8080/v1/images/debian@v1?segmentSizeBytes={bytes}");
    }

    [Theory]
    [InlineData("image inspect debian@v1", "GET http://127.0.0.1:8080/v1/images/debian@v1")]
    [InlineData("disk pause vm1", "POST http://127.0.0.1:8080/v1/disks/vm1/hydration")]
    [InlineData("disk resize vm1 8K", "POST http://127.0.0.1:8080/v1/disks/vm1/resize")]
    [InlineData("hydration limit 50M", "PUT http://127.0.0.1:8080/v1/hydration")]
    [InlineData("node stop silo-1", "POST http://127.0.0.1:8080/v1/nodes/silo-1/stop")]
    [InlineData("node stop silo-1 --abrupt", "POST http://127.0.0.1:8080/v1/nodes/silo-1/stop?abrupt=true")]
    [InlineData("disk rm vm1", "DELETE http://127.0.0.1:8080/v1/disks/vm1")]
    [InlineData("image rm debian@v1", "DELETE http://127.0.0.1:8080/v1/images/debian@v1")]
    [InlineData("image rm debian@v1 --defer", "DELETE http://127.0.0.1:8080/v1/images/debian@v1?defer=true")]
    [InlineData("batch cancel b1", "DELETE http://127.0.0.1:8080/v1/batch-clones/b1")]
    public async Task A_verb_is_one_request(string line, string request)
    {
        // What each answer looks like to its verb is for other tests.
        object answer = line.Split(' ')[0] switch
        {
            "disk" => Samples.Disk("vm1"),
            "batch" => Samples.Batch(BatchCloneState.Cancelled, created: 1),
            "image" when line.Contains(" rm ") => new ImageDeletion(0),
            _ => Samples.Image,
        };
        var silo = FakeSilo.Answering(answer);
        var run = await CliRun.OfAsync(silo, line);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Requests.Should().Equal(request);
    }

    [Fact]
    public async Task Clone_sends_all_names_at_once()
    {
        var silo = FakeSilo.Answering(new[] { Samples.Disk("a"), Samples.Disk("b") });
        var run = await CliRun.OfAsync(silo, "clone debian@v1 a b");
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Requests.Should().Equal("POST http://127.0.0.1:8080/v1/disks");
        System.Text.Encoding.UTF8.GetString(silo.Bodies[0]).Should()
            .Be("""{"snapshot":"debian@v1","names":["a","b"],"hydration":"background","layout":null}""");
    }
}
