using System.Security.Cryptography;
using System.Text;

namespace SnapshotGrains.Client;

/// <summary>
/// An environment variable. The process's environment keeps it, for whoever may look at that; a file or a command is
/// better where there is a choice.
/// </summary>
internal sealed class EnvironmentSecretSource(string name) : SecretSource
{
    /// <inheritdoc />
    public override string ToString() => $"env:{name}";

    private protected override Task<T> ReadSecretAsync<T>(
        SecretDecoder<T> decode, TimeProvider time, CancellationToken cancellationToken)
    {
        var text = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(text))
        {
            throw new UnreadableSecretException("the environment variable is not set");
        }

        var buffer = NewBuffer();
        try
        {
            // What is longer than any secret fills the buffer, and is seen to be longer.
            Encoding.UTF8.GetEncoder().Convert(text, buffer, flush: true, out _, out var length, out var isWhole);
            return Task.FromResult(decode(buffer.AsSpan(0, isWhole ? length : buffer.Length), isText: true));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
