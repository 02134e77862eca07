using System.Security.Cryptography;
using System.Text;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// An environment variable. The process's environment keeps it, for whoever may look at that; a file or a command is
/// better where there is a choice.
/// </summary>
internal sealed class EnvironmentKekSource(string name) : KekSource
{
    /// <inheritdoc />
    public override string ToString() => $"env:{name}";

    private protected override Task<SecretBytes> ReadKeyAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var text = Environment.GetEnvironmentVariable(name);
        if (string.IsNullOrEmpty(text))
        {
            throw Unreadable("the environment variable is not set");
        }

        var buffer = KekText.NewBuffer();
        try
        {
            return Task.FromResult(Encoding.UTF8.TryGetBytes(text, buffer, out var length)
                && length != KeyEnvelope.KekBytes
                ? Decode(buffer.AsSpan(0, length))
                : throw Unreadable("it is neither hexadecimal digits nor base64 of 32 bytes"));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
