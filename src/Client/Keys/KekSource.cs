using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Where a key-encryption key is read from, 32 bytes: <c>file:PATH</c>, <c>env:NAME</c> or <c>command:PROGRAM ARGS</c>.
/// </summary>
public abstract class KekSource
{
    /// <summary>What a source looks like, for messages and help texts.</summary>
    public const string Rule = "file:PATH, env:NAME or 'command:PROGRAM ARGS'";

    private protected KekSource()
    {
    }

    /// <summary>Reads a source; false when it is not of one of the forms of <see cref="Rule"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KekSource? source)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var rest = colon < 0 ? "" : text![(colon + 1)..].Trim();
        source = (rest.Length == 0 ? "" : text![..colon]) switch
        {
            "file" => new FileKekSource(rest),
            "env" => new EnvironmentKekSource(rest),
            "command" => new CommandKekSource(rest),
            _ => null,
        };
        return source is not null;
    }

    /// <summary>Reads the key; the caller disposes it.</summary>
    /// <param name="time">The clock of a command's deadline.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>: it says why.</exception>
    public async Task<SecretBytes> ReadAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadKeyAsync(time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw Unreadable(error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>The source without what may be secret in it; a key itself never is.</summary>
    public abstract override string ToString();

    private protected abstract Task<SecretBytes> ReadKeyAsync(TimeProvider time, CancellationToken cancellationToken);

    private protected SnapshotGrainsException Unreadable(string why, Exception? inner = null) => new(
        ErrorCode.KeyUnavailable, $"The key-encryption key of {this} cannot be read: {why}.", inner);

    /// <summary>The key that the text stands for, or its bytes themselves.</summary>
    private protected SecretBytes Decode(ReadOnlySpan<byte> bytes) => KekText.Decode(bytes) ?? throw Unreadable(
        $"it is {(bytes.Length > KekText.MaxBytes ? "more" : $"{bytes.Length} bytes long")}, and neither "
        + $"{KeyEnvelope.KekBytes} bytes nor {2 * KeyEnvelope.KekBytes} hexadecimal digits nor base64 of such a key");
}
