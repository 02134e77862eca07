using System.Diagnostics.CodeAnalysis;
using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Parsing;

/// <summary>Where a silo's HTTP API is: <c>http://host:8080</c>, or just <c>host:8080</c>.</summary>
internal static class ServerAddress
{
    /// <summary>Names the server where <c>--server</c> does not.</summary>
    public const string Variable = "SNAPSHOTGRAINS_SERVER";

    /// <summary>The server where neither names one.</summary>
    public const string Default = "http://127.0.0.1:8080";

    /// <summary>What an address looks like, for messages.</summary>
    public const string Rule = "http://HOST:PORT or https://HOST:PORT";

    /// <summary>The server that a verb talks to.</summary>
    /// <param name="host">The surroundings.</param>
    /// <param name="given">What <c>--server</c> says; null where it is not given.</param>
    /// <exception cref="SnapshotGrainsException">The environment names one that is no address.</exception>
    public static Uri Of(CliHost host, Uri? given)
    {
        if (given is not null)
        {
            return given;
        }

        var named = host.Environment(Variable);
        return TryParse(string.IsNullOrWhiteSpace(named) ? Default : named, out var server)
            ? server
            : throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"{Variable} is '{named}', which is not a server address; use {Rule}.");
    }

    /// <summary>Reads an address; false when it is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? server)
    {
        var url = text?.Trim() ?? "";
        url = url.Contains("://", StringComparison.Ordinal) ? url : $"http://{url}";
        return Uri.TryCreate(url, UriKind.Absolute, out server)
            && server.Scheme is "http" or "https" && server.Host.Length > 0;
    }
}
