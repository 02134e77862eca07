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
}
