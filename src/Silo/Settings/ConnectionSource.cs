namespace SnapshotGrains.Silo;

/// <summary>Where a connection string is read from. It holds a password, so nothing here shows it.</summary>
public sealed class ConnectionSource
{
    /// <summary>What a source looks like, for messages and help texts.</summary>
    public const string Rule = "file:PATH, env:NAME or the text itself";

    private const string FilePrefix = "file:";
    private const string EnvironmentPrefix = "env:";
    private const int MaxBytes = 64 << 10;

    private readonly string _text;

    private ConnectionSource(string text) => _text = text;

    /// <summary>A source in one of the forms of <see cref="Rule"/>.</summary>
    public static ConnectionSource Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new ConnectionSource(text.Trim());
    }

    /// <summary>Reads the connection string.</summary>
    /// <exception cref="SiloConfigurationException">It cannot be read, or is empty.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var text = RestAfter(FilePrefix) is { } path
                ? await ReadFileAsync(path, cancellationToken).ConfigureAwait(false)
                : RestAfter(EnvironmentPrefix) is { } name ? Environment.GetEnvironmentVariable(name) : _text;
            return string.IsNullOrWhiteSpace(text) ? throw Unreadable("there is nothing in it") : text.Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>The source without what may be secret in it.</summary>
    public override string ToString() => RestAfter(FilePrefix) is not null || RestAfter(EnvironmentPrefix) is not null
        ? _text
        : "(a connection string)";

    private static async Task<string> ReadFileAsync(string path, CancellationToken cancellationToken) =>
        new FileInfo(path).Length <= MaxBytes
            ? await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)
            : throw new IOException($"it has more than {MaxBytes} bytes, and so is no connection string");

    private string? RestAfter(string prefix) =>
        _text.StartsWith(prefix, StringComparison.Ordinal) ? _text[prefix.Length..].Trim() : null;

    private SiloConfigurationException Unreadable(string why) =>
        new([$"The connection string of {this} cannot be read: {why}."]);
}
