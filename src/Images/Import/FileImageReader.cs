using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Images;

/// <summary>A raw image in a file. On Linux its holes are skipped without reading them (lseek(2), SEEK_DATA).</summary>
public sealed partial class FileImageReader : IImageReader, IDisposable
{
    private const int SeekData = 3;
    private const int NoMoreData = 6;

    private readonly SafeFileHandle _file;

    /// <summary>Opens the file.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public FileImageReader(string path)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.SequentialScan);
        LengthBytes = RandomAccess.GetLength(_file);
    }

    /// <inheritdoc/>
    public long? LengthBytes { get; }

    /// <inheritdoc/>
    public ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || offset >= LengthBytes)
        {
            return new ValueTask<long>(offset);
        }

        var data = Seek(_file, offset, SeekData);
        if (data < 0)
        {
            // Only zeros follow; any other refusal means that the file system knows no holes.
            return new ValueTask<long>(Marshal.GetLastPInvokeError() == NoMoreData ? LengthBytes!.Value : offset);
        }

        return new ValueTask<long>(data);
    }

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(FileRange.FillAsync(_file, offset, destination, cancellationToken));

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);
}
