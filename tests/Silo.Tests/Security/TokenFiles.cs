using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Text;
using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Security;

/// <summary>Access tokens in files of a temporary directory, and the ways to show them.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TokenFiles : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>A token, the same for the same letter.</summary>
    public static string TextOf(char letter) => $"{new string(letter, 20)}-token+{letter}~9/=";

    public static AccessToken TokenOf(char letter) => AccessToken.Parse(TextOf(letter));

    public static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    public static AuthenticationHeaderValue Basic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>The file that holds a token, as 'openssl rand' leaves it there.</summary>
    public string FileOf(char letter)
    {
        var path = _directory[$"token-{letter}"];
        File.WriteAllText(path, TextOf(letter) + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Settings of a silo that accepts them, the first its current one.</summary>
    public Dictionary<string, string?> SettingsOf(params char[] letters)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (index, letter) in letters.Index())
        {
            settings[index == 0 ? "Token" : $"PreviousToken:{index - 1}"] = $"file:{FileOf(letter)}";
        }

        return settings;
    }
}
