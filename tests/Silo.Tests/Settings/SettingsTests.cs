using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Settings;

/// <summary>Shows that wrong settings are refused before anything starts, all of them at once.</summary>
public sealed class SettingsTests
{
    [Fact]
    public async Task Every_wrong_setting_is_named_with_its_value()
    {
        var failure = await FluentActions.Awaiting(() => SiloProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["Silos"] = "0",
                ["Http"] = "nowhere",
                ["CacheBytes"] = "12Q",
                ["ReadTimeout"] = "-1",
                ["Colour"] = "blue",
            },
            CancellationToken.None)).Should().ThrowAsync<SiloConfigurationException>();

        failure.Which.Problems.Should().HaveCount(5);
        failure.Which.Message.Should().ContainAll("Silos", "'0'", "nowhere", "12Q", "'-1'", "Colour");
    }

    /// <summary>An address that is none, or that a secret is in, is refused, and the secret not shown.</summary>
    [Theory]
    [InlineData("ImageCenter", "ftp://host/images", "http or https")]
    [InlineData("ImageCenter", "http://user:8f9da3b1@host/images", "ImageCenterToken")]
    [InlineData("ImageCenter", "https://host/images?sig=8f9da3b1", "ImageCenterToken")]
    [InlineData("ImageCenterToken", "8f9da3b1", "file:PATH")]
    [InlineData("ImageCenterToken", "env:TOKEN", "at an http or https address")]
    [InlineData("ImageCenterCa", "ca.pem", "at an https address")]
    public async Task An_image_center_that_cannot_be_used_is_refused(string setting, string value, string says)
    {
        (await RefusalOfAsync(setting, value)).Should().Contain(says).And.NotContain("8f9da3b1");
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_refused()
    {
        using var directory = new TempDirectory();
        var file = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var failure = await FluentActions.Awaiting(() => SiloProcess.StartAsync(
            new Dictionary<string, string?> { ["Data"] = file, ["Http"] = "127.0.0.1:0", ["Nbd"] = "" },
            CancellationToken.None)).Should().ThrowAsync<SiloConfigurationException>();
        failure.Which.Message.Should().Contain(file);
    }

    [Theory]
    [InlineData("Kek", "8f9da3b1c5d7e9f08f9da3b1c5d7e9f08f9da3b1c5d7e9f08f9da3b1c5d7e9f0", "file:PATH")]
    [InlineData("Kek", "env:NO_SUCH_VARIABLE", "NO_SUCH_VARIABLE")]
    [InlineData("Kek", "command:false --token 8f9da3b1", "ended with 1")]
    [InlineData("PreviousKek", "env:OLD", "beside Kek")]
    [InlineData("PreviousKek:0", "env:OLD", "beside Kek")]
    [InlineData("MyKek", "8f9da3b1", "no such setting")]
    public async Task A_key_encryption_key_that_cannot_be_had_is_refused_without_showing_a_secret(
        string setting, string value, string says)
    {
        (await RefusalOfAsync(setting, value)).Should().Contain(says).And.NotContain("8f9da3b1");
    }

    /// <summary>What a silo says that does not start because of one setting.</summary>
    private static async Task<string> RefusalOfAsync(string setting, string value)
    {
        using var directory = new TempDirectory();
        var failure = await FluentActions.Awaiting(() => SiloProcess.StartAsync(
            new Dictionary<string, string?>
            {
                ["Data"] = directory["data"], ["Http"] = "127.0.0.1:0", ["Nbd"] = "", [setting] = value,
            },
            CancellationToken.None)).Should().ThrowAsync<SiloConfigurationException>();
        return failure.Which.Message;
    }
}
