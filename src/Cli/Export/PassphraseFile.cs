using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Export;

/// <summary>A passphrase from a file: its bytes, without a newline at the end.</summary>
internal static class PassphraseFile
{
    private const int MaxBytes = 512;

    /// <exception cref="SnapshotGrainsException">It cannot be read, is empty or too long.</exception>
    public static SecretBytes Read(string path)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes + 2];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            length -= length > 0 && bytes[length - 1] == (byte)'\n' ? 1 : 0;
            return length is > 0 and <= MaxBytes
                ? SecretBytes.CopyOf(bytes[..length])
                : throw new SnapshotGrainsException(
                    ErrorCode.BadRequest, $"'{path}' holds no passphrase of 1 to {MaxBytes} bytes.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"The passphrase cannot be read from '{path}': {error.Message}", error);
        }
        finally
        {
            bytes.Clear();
        }
    }
}
