using SnapshotGrains.Cli.Output;
using SnapshotGrains.Images;

namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Shows that an import sends the file as it is, once, or says why it does not.</summary>
public sealed class ImageImportTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData(1)]
    [InlineData(1536)]
    [InlineData((3 << 20) + 512)]
    public async Task The_body_is_the_file(int length)
    {
        var bytes = BytesOf(length);
        await File.WriteAllBytesAsync(_file, bytes);
        var silo = FakeSilo.Answering(Samples.Image);
        var run = await CliRun.OfAsync(silo, ["image", "import", _file, "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        (await ReadSparseAsync(silo.Bodies.Should().ContainSingle().Subject)).Should().Equal(bytes);
        silo.LastContentType.Should().Be(SparseImageFormat.MediaType);
        run.Out.Should().StartWith("Imported debian@v1: 1 GiB in 1 024 segments of 1 MiB (369 zero)");
    }

    [Fact]
    public async Task Holes_of_a_file_are_not_sent()
    {
        // A GiB with data in its middle and at its very end.
        var data = BytesOf(64 << 10);
        using (var file = File.OpenHandle(_file, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.SetLength(file, 1L << 30);
            RandomAccess.Write(file, data, 512L << 20);
            RandomAccess.Write(file, data, (1L << 30) - data.Length);
        }

        var silo = FakeSilo.Answering(Samples.Image);
        var run = await CliRun.OfAsync(silo, ["image", "import", _file, "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Bodies[0].Length.Should().BeLessThan(4 << 20);
        var reader = await SparseImageReader.OpenAsync(new MemoryStream(silo.Bodies[0]), CancellationToken.None);
        reader.LengthBytes.Should().Be(1L << 30);
        var found = new byte[data.Length];
        await reader.ReadAsync(512L << 20, found, CancellationToken.None);
        found.Should().Equal(data);
        await reader.ReadAsync((1L << 30) - data.Length, found, CancellationToken.None);
        found.Should().Equal(data);
        (await reader.ReadAsync(1L << 30, new byte[1], CancellationToken.None)).Should().Be(0, "it is whole");
    }

    [Fact]
    public async Task Standard_input_is_sent_without_a_length()
    {
        var bytes = BytesOf(100_000);
        var silo = FakeSilo.Answering(Samples.Image);
        var run = await CliRun.OfAsync(silo, ["image", "import", "-", "debian@v1", "--quiet"], input: bytes);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Bodies[0].Should().Equal(bytes);
        silo.LastContentLength.Should().BeNull();
        run.Out.Should().BeEmpty();
        run.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task An_empty_file_is_an_empty_image()
    {
        await File.WriteAllBytesAsync(_file, []);
        var silo = FakeSilo.Answering(Samples.Image);
        var run = await CliRun.OfAsync(silo, ["image", "import", _file, "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        silo.Bodies[0].Should().BeEmpty();
    }

    [Fact]
    public async Task With_json_the_image_is_all_that_is_printed()
    {
        await File.WriteAllBytesAsync(_file, BytesOf(1000));
        var run = await CliRun.OfAsync(
            FakeSilo.Answering(Samples.Image), ["image", "import", _file, "debian@v1", "--json"]);
        run.Out.Should().StartWith("""{"id":"debian@v1","sizeBytes":1073741824,""");
        run.Error.Should().BeEmpty();
    }

    [Theory]
    [InlineData("QFI\u00fb\0\0\0\u0003", "qcow2")]
    [InlineData("KDMV\u0001\0\0\0", "vmdk")]
    [InlineData("vhdxfile", "vhdx")]
    public async Task An_image_in_another_format_is_refused(string head, string format)
    {
        await File.WriteAllBytesAsync(_file, System.Text.Encoding.Latin1.GetBytes(head + "the rest"));
        var silo = FakeSilo.Silent();
        var run = await CliRun.OfAsync(silo, ["image", "import", _file, "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain(format).And.Contain("qemu-img convert");
        silo.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_missing_file_is_not_found()
    {
        var run = await CliRun.OfAsync(FakeSilo.Silent(), ["image", "import", _file, "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.NotFound);
        run.Error.Should().Contain(_file);
    }

    [Fact]
    public async Task A_directory_is_refused()
    {
        var run = await CliRun.OfAsync(
            FakeSilo.Silent(), ["image", "import", Path.GetTempPath(), "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.Usage);
        run.Error.Should().Contain("is a directory");
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_conflict()
    {
        await File.WriteAllBytesAsync(_file, BytesOf(1000));
        var silo = FakeSilo.Failing(ErrorCode.AlreadyExists, "There is an image debian@v1 already.");
        var run = await CliRun.OfAsync(silo, ["image", "import", _file, "debian@v1"]);
        run.ExitCode.Should().Be(ExitCode.Conflict);
    }

    private static async Task<byte[]> ReadSparseAsync(byte[] body)
    {
        var reader = await SparseImageReader.OpenAsync(new MemoryStream(body), CancellationToken.None);
        var bytes = new byte[reader.LengthBytes!.Value];
        await reader.ReadAsync(0, bytes, CancellationToken.None);
        (await reader.ReadAsync(bytes.Length, new byte[1], CancellationToken.None)).Should().Be(0, "it is whole");
        return bytes;
    }

    private static byte[] BytesOf(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        return bytes;
    }
}
