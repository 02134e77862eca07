using System.CommandLine;
using SnapshotGrains.Cli.Parsing;

namespace SnapshotGrains.Cli.Commands;

/// <summary>The options that every verb takes, before or after the verb.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Machine-readable output: the API's own JSON.</summary>
    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print results, and errors on standard error, as JSON",
        Recursive = true,
    };

    /// <summary>Results only.</summary>
    public Option<bool> Quiet { get; } = new("--quiet", "-q")
    {
        Description = "No progress and no confirmations; listings print names only",
        Recursive = true,
    };

    /// <summary>Where the silo is.</summary>
    public Option<Uri?> Server { get; } = new("--server")
    {
        Description = $"The silo's HTTP address; else {ServerAddress.Variable}, else {ServerAddress.Default}",
        HelpName = "URL",
        Recursive = true,
        CustomParser = ValueParser.Server,
    };

    /// <summary>Where the token is that a silo asks its callers for.</summary>
    public Option<string?> Token { get; } = new("--token")
    {
        Description = $"Access token, file:PATH, env:NAME or command:...; else {ServerAccess.TokenVariable}[_FILE]",
        HelpName = "SOURCE",
        Recursive = true,
        CustomParser = ValueParser.TokenSource,
    };

    /// <summary>Whose certificates are trusted.</summary>
    public Option<string?> Ca { get; } = new("--ca")
    {
        Description = $"Root certificates to trust for https, a PEM file; else {ServerAccess.CaVariable}",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>How long the verb may take.</summary>
    public Option<TimeSpan?> Timeout { get; } = new("--timeout")
    {
        Description = "Give up after this time, as 30s or 2m; else 100s, and no limit for transfers and --wait",
        HelpName = "TIME",
        Recursive = true,
        CustomParser = ValueParser.Duration,
    };

    /// <summary>Adds the options to the root command.</summary>
    public void AddTo(RootCommand root)
    {
        root.Options.Add(Json);
        root.Options.Add(Quiet);
        root.Options.Add(Server);
        root.Options.Add(Token);
        root.Options.Add(Ca);
        root.Options.Add(Timeout);
    }
}
