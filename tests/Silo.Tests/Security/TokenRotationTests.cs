using System.Runtime.Versioning;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Shows that a token can be changed without a client that is refused meanwhile.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TokenRotationTests
{
    [Fact]
    public async Task Old_and_new_token_are_both_good_until_the_old_one_is_left_out()
    {
        using var tokens = new TokenFiles();
        await using var silo = await TestSilo.StartAsync(
            silos: 1, more: tokens.SettingsOf('a'), client: new() { Token = TokenFiles.TokenOf('a') });
        (await IsKnownAsync(silo, 'a')).Should().BeTrue();
        (await IsKnownAsync(silo, 'b')).Should().BeFalse();

        await silo.RestartAsync(tokens.SettingsOf('b', 'a'));
        (await IsKnownAsync(silo, 'a')).Should().BeTrue();
        (await IsKnownAsync(silo, 'b')).Should().BeTrue();

        await silo.RestartAsync(tokens.SettingsOf('b'));
        (await IsKnownAsync(silo, 'a')).Should().BeFalse();
        (await IsKnownAsync(silo, 'b')).Should().BeTrue();
    }

    private static async Task<bool> IsKnownAsync(TestSilo silo, char token)
    {
        await using var client = SnapshotGrainsClient.Connect(
            silo.Process.HttpAddress, new ClientOptions { Token = TokenFiles.TokenOf(token) });
        try
        {
            await client.Control.ListDisksAsync(CancellationToken.None);
            return true;
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.Unauthorized)
        {
            return false;
        }
    }
}
