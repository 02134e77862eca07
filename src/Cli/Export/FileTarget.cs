using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Cli.Export;

/// <summary>
/// A sparse file, written under another name and given its own when it is whole; a file of that name is replaced only
/// then.
/// </summary>
internal sealed class FileTarget : ExportTarget
{
    private const string Suffix = ".part";

    /// <summary>What is there is no file, and a rename would put one in its place.</summary>
    private const string Devices = "/dev/";

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private bool _isComplete;

    /// <summary>Creates the file, with holes only.</summary>
    /// <exception cref="SnapshotGrainsException">It cannot be a file.</exception>
    public FileTarget(string path, long sizeBytes)
    {
        path = (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null)
            ?? Path.GetFullPath(path);
        if (Directory.Exists(path) || (File.Exists(path) && path.StartsWith(Devices, StringComparison.Ordinal)))
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"'{path}' is a directory or a device; name a regular file, or write to it from '-' with dd.");
        }

        _path = path;

        // Not shared: a second export to the same file is refused instead of mixed in.
        _file = File.OpenHandle(PartPath, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        try
        {
            RandomAccess.SetLength(_file, sizeBytes);
        }
        catch
        {
            _file.Dispose();
            File.Delete(PartPath);
            throw;
        }
    }

    private string PartPath => _path + Suffix;

    /// <inheritdoc />
    public override ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(_file, data, offset, cancellationToken);

    /// <inheritdoc />
    public override ValueTask SkipAsync(long offset, long length, CancellationToken cancellationToken) => default;

    /// <inheritdoc />
    public override Task CompleteAsync(CancellationToken cancellationToken)
    {
        // The bytes first: a name must not survive a crash that its content does not.
        RandomAccess.FlushToDisk(_file);
        _file.Dispose();
        File.Move(PartPath, _path, overwrite: true);
        _isComplete = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public override ValueTask DisposeAsync()
    {
        if (!_isComplete)
        {
            _file.Dispose();
            File.Delete(PartPath);
        }

        return default;
    }
}
