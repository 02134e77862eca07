using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Client;

/// <summary>A file that only its owner can read.</summary>
internal sealed class FileSecretSource(string path) : SecretSource
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <inheritdoc />
    public override string ToString() => $"file:{path}";

    private protected override Task<T> ReadSecretAsync<T>(
        SecretDecoder<T> decode, TimeProvider time, CancellationToken cancellationToken)
    {
        var buffer = NewBuffer();
        try
        {
            using var file = File.OpenHandle(path);
            CheckPrivate(file);
            return Task.FromResult(decode(buffer.AsSpan(0, Read(file, buffer)), isText: false));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static int Read(SafeFileHandle file, Span<byte> buffer)
    {
        var length = 0;
        while (length < buffer.Length && RandomAccess.Read(file, buffer[length..], length) is var read and > 0)
        {
            length += read;
        }

        return length;
    }

    /// <summary>Asked of the open file: its name may stand for another a moment later.</summary>
    private void CheckPrivate(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
        {
            throw new UnreadableSecretException(
                $"others than its owner can read or change it; run 'chmod 600 {path}'");
        }
    }
}
