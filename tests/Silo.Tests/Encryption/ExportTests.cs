using System.Runtime.Versioning;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Silo.Tests.Interop;
using SnapshotGrains.Silo.Tests.Keys;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Encryption;

/// <summary>
/// Shows that an encrypted disk, with its key, can leave: as a raw file that is decrypted where it is written, and as a
/// LUKS1 volume that other people's tools open; and that without the key it cannot.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class ExportTests : IAsyncLifetime
{
    private const string Passphrase = "correct horse";

    private readonly KekFiles _keks = new();
    private TestSilo _silo = null!;
    private byte[] _content = [];
    private string _plain = "";

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(silos: 1, more: _keks.SettingsOf(1));
        _content = TestImage.Random((5 * TestImage.Segment) + 1536);
        var image = (await _silo.ImportAsync("img@1", _content)).Id;
        await _silo.Api.CreateKeyAsync("tenant", CancellationToken.None);
        await _silo.Remote.CloneAsync(
            image, "vm", new CloneOptions(HydrationMode.None, new DiskLayout(null, 64 << 10, 4, "tenant")));
        await using (var disk = await _silo.Process.Client.OpenDiskAsync("vm"))
        {
            _content.AsSpan(1000, 20_000).Fill(0x33);
            await disk.WriteAsync(1000, _content.AsMemory(1000, 20_000));
        }

        _plain = PathOf("plain.raw");
        await File.WriteAllBytesAsync(_plain, _content);
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _keks.Dispose();
    }

    [Fact]
    public async Task A_raw_export_is_decrypted_with_the_key_encryption_key_that_is_given()
    {
        var copy = PathOf("copy.raw");

        var run = await RunAsync($"disk export vm {copy} --kek {_keks.SourceOf(1)}");

        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        (await File.ReadAllBytesAsync(copy)).Should().Equal(_content);
    }

    [Fact]
    public async Task Without_the_key_nothing_is_exported()
    {
        var copy = PathOf("copy.raw");

        var none = await RunAsync($"disk export vm {copy}");
        var wrong = await RunAsync($"disk export vm {copy} --kek {_keks.SourceOf(2)}");

        none.ExitCode.Should().Be(ExitCode.KeyUnavailable, none.Error);
        wrong.ExitCode.Should().Be(ExitCode.KeyUnavailable, wrong.Error);
        File.Exists(copy).Should().BeFalse();
    }

    [RequiresToolFact("qemu-img", "cryptsetup")]
    public async Task A_luks_export_is_opened_by_other_peoples_tools()
    {
        var (volume, pass) = (PathOf("vm.luks"), PathOf("pass"));
        await File.WriteAllTextAsync(pass, Passphrase);

        var run = await RunAsync(
            $"disk export vm {volume} --kek {_keks.SourceOf(1)} --luks --passphrase-file {pass}");

        run.ExitCode.Should().Be(ExitCode.Ok, run.Error);
        await Tool.CheckAsync("cryptsetup", "open", "--test-passphrase", "--key-file", pass, volume);
        (await Tool.CheckAsync(
            "qemu-img", "compare", "--object", $"secret,id=s,file={pass}", "--image-opts",
            $"driver=luks,key-secret=s,file.filename={volume}", $"driver=raw,file.filename={_plain}"))
            .Should().Contain("identical");
    }

    private string PathOf(string name) => Path.Combine(_silo.Directory, name);

    private Task<CliRun> RunAsync(string line) => CliRun.OfAsync(_silo.Process.HttpAddress, line);
}
