using System.Diagnostics.CodeAnalysis;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Where a key-encryption key is read from, 32 bytes: <c>file:PATH</c>, <c>env:NAME</c> or <c>command:PROGRAM ARGS</c>.
/// </summary>
public sealed class KekSource
{
    /// <summary>What a source looks like, for messages and help texts.</summary>
    public const string Rule = SecretSource.Rule;

    private readonly SecretSource _source;

    private KekSource(SecretSource source) => _source = source;

    /// <summary>Reads a source; false when it is not of one of the forms of <see cref="Rule"/>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KekSource? source)
    {
        source = SecretSource.TryParse(text, out var secret) ? new KekSource(secret) : null;
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
            return await _source.ReadAsync(Decode, time, cancellationToken).ConfigureAwait(false);
        }
        catch (UnreadableSecretException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.KeyUnavailable, $"The key-encryption key of {this} cannot be read: {error.Message}.", error);
        }
    }

    /// <summary>The source without what may be secret in it; a key itself never is.</summary>
    public override string ToString() => _source.ToString();

    /// <summary>The key that the text stands for, or its bytes themselves.</summary>
    private static SecretBytes Decode(ReadOnlySpan<byte> bytes, bool isText)
    {
        if (isText)
        {
            return (bytes.Length == KeyEnvelope.KekBytes ? null : KekText.Decode(bytes))
                ?? throw new UnreadableSecretException("it is neither hexadecimal digits nor base64 of 32 bytes");
        }

        return KekText.Decode(bytes) ?? throw new UnreadableSecretException(
            $"it is {(bytes.Length > KekText.MaxBytes ? "more" : $"{bytes.Length} bytes long")}, and neither "
            + $"{KeyEnvelope.KekBytes} bytes nor {2 * KeyEnvelope.KekBytes} hexadecimal digits nor base64 of such a "
            + "key");
    }
}
