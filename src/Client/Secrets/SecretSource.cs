using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace SnapshotGrains.Client;

/// <summary>
/// Where a secret is read from: <c>file:PATH</c>, <c>env:NAME</c> or <c>command:PROGRAM ARGS</c>. Never the secret
/// itself, which would stand in the list of processes and in the shell's history.
/// </summary>
internal abstract class SecretSource
{
    /// <summary>What a source looks like, for messages and help texts.</summary>
    public const string Rule = "file:PATH, env:NAME or 'command:PROGRAM ARGS'";

    /// <summary>No secret is longer; whoever reads one reads a byte more at most.</summary>
    public const int MaxBytes = 256;

    /// <summary>Reads a source; false when it is not of one of the forms of <see cref="Rule"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SecretSource? source)
    {
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var rest = colon < 0 ? "" : text![(colon + 1)..].Trim();
        source = (rest.Length == 0 ? "" : text![..colon]) switch
        {
            "file" => new FileSecretSource(rest),
            "env" => new EnvironmentSecretSource(rest),
            "command" => new CommandSecretSource(rest),
            _ => null,
        };
        return source is not null;
    }

    /// <summary>Reads the secret.</summary>
    /// <param name="decode">What makes it of the bytes.</param>
    /// <param name="time">The clock of a command's deadline.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UnreadableSecretException">It cannot be read.</exception>
    public async Task<T> ReadAsync<T>(SecretDecoder<T> decode, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadSecretAsync(decode, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or Win32Exception)
        {
            throw new UnreadableSecretException(error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>The source without what may be secret in it; a secret itself never is.</summary>
    public abstract override string ToString();

    private protected abstract Task<T> ReadSecretAsync<T>(
        SecretDecoder<T> decode, TimeProvider time, CancellationToken cancellationToken);

    /// <summary>A buffer for <see cref="MaxBytes"/> and one more, which nobody copies; zero it after use.</summary>
    private protected static byte[] NewBuffer() => GC.AllocateArray<byte>(MaxBytes + 1, pinned: true);
}
