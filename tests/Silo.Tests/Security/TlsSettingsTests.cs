using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Shows that a silo whose certificate is of no use does not start, and says which file it is and why.
/// </summary>
public sealed class TlsSettingsTests : IDisposable
{
    private readonly TlsFixture _tls = new();

    public void Dispose() => _tls.Dispose();

    [Fact]
    public async Task Files_that_cannot_be_read_are_named()
    {
        var good = _tls.Settings();
        var (certificate, key) = (good["TlsCertificate"]!, good["TlsKey"]!);
        await ShouldFailAsync(With(good, "TlsCertificate", "/no/such.pem"), "TlsCertificate", "/no/such.pem");
        await ShouldFailAsync(With(good, "TlsKey", "/no/such.key"), "TlsKey", "/no/such.key");
        await ShouldFailAsync(With(good, "TlsCa", "/no/such.ca"), "TlsCa", "/no/such.ca");
        await ShouldFailAsync(With(good, "TlsCertificate", key), key, "BEGIN CERTIFICATE");
        await ShouldFailAsync(With(good, "TlsKey", certificate), certificate, "BEGIN PRIVATE KEY");
        await ShouldFailAsync(With(good, "TlsCa", certificate), certificate, "root");
    }

    [Fact]
    public async Task A_key_of_another_certificate_is_refused()
    {
        var other = _tls.Authority.Issue("other");
        await ShouldFailAsync(With(_tls.Settings(), "TlsKey", other.Key), other.Key, "silo.crt");
    }

    [Fact]
    public async Task A_key_that_everybody_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var good = _tls.Settings();
        File.SetUnixFileMode(good["TlsKey"]!, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await ShouldFailAsync(good, $"chmod 640 {good["TlsKey"]}");
    }

    [Theory]
    [InlineData(-2, -1)]
    [InlineData(1, 1.5)]
    public async Task A_certificate_that_is_not_valid_now_is_refused(double from, double to)
    {
        var files = _tls.Authority.Issue("late", validFrom: from, validTo: to);
        await ShouldFailAsync(_tls.SettingsOf(files), files.Certificate, "is valid from", "TlsCertificate");
    }

    [Fact]
    public async Task Settings_that_go_together_are_missed()
    {
        var good = _tls.Settings();
        await ShouldFailAsync(With(good, "TlsKey", ""), "TlsKey", "go together");
        await ShouldFailAsync(With(good, "TlsCertificate", ""), "TlsCertificate", "go together");
        await ShouldFailAsync(new() { ["TlsCa"] = good["TlsCa"] }, "TlsCa", "beside TlsCertificate");
        await ShouldFailAsync(new() { ["NbdTls"] = "require" }, "NbdTls", "needs TlsCertificate");
        await ShouldFailAsync(With(With(good, "TlsCa", ""), "NbdTls", "mutual"), "NbdTls", "needs TlsCa");
        await ShouldFailAsync(With(good, "NbdTls", "sometimes"), "NbdTls", "'sometimes'", "require or mutual");
        await ShouldFailAsync(With(good, "NbdTls", "2"), "NbdTls", "'2'");
    }

    private static Dictionary<string, string?> With(Dictionary<string, string?> settings, string name, string value) =>
        new(settings) { [name] = value };

    private static async Task ShouldFailAsync(Dictionary<string, string?> settings, params string[] says)
    {
        using var directory = new TempDirectory();
        var start = () => SiloProcess.StartAsync(
            new Dictionary<string, string?>(settings)
            {
                ["Data"] = directory["data"], ["Http"] = "127.0.0.1:0", ["Nbd"] = "",
            },
            CancellationToken.None);
        (await start.Should().ThrowAsync<SiloConfigurationException>()).Which.Message.Should().ContainAll(says);
    }
}
