using System.CommandLine;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary>The option of verbs that decrypt: the server's own key-encryption key never leaves it.</summary>
internal sealed class KekOption
{
    /// <summary>What a silo's setting is called in the environment.</summary>
    private const string Variable = "SNAPSHOTGRAINS__KEK";

    /// <summary>The option.</summary>
    public Option<string?> Option { get; } = new("--kek")
    {
        Description = $"Key-encryption key: {KekSource.Rule}; else ${Variable}",
        HelpName = "SOURCE",
    };

    /// <summary>Opens a ring with that key; with none when nothing needs one.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be read, or is not given.</exception>
    public async Task<OpenKeys> OpenAsync(
        CliHost host,
        HttpControlPlane server,
        ParseResult arguments,
        bool isNeeded,
        CancellationToken cancellationToken)
    {
        var keks = await LoadAsync(host, arguments, isNeeded, cancellationToken);
        return new OpenKeys(keks, server, host.Time);
    }

    /// <summary>Reads the key; none when it is not given and nothing needs one.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be read.</exception>
    public async Task<Keks> LoadAsync(
        CliHost host, ParseResult arguments, bool isNeeded, CancellationToken cancellationToken)
    {
        var text = arguments.GetValue(Option) ?? (isNeeded ? host.Environment(Variable) : null);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Keks.None;
        }

        var source = KekSource.TryParse(text, out var parsed) ? parsed : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"The key-encryption key is not given as {KekSource.Rule}.");
        return await Keks.LoadAsync(new KekOptions { Current = source }, host.Time, cancellationToken);
    }
}
