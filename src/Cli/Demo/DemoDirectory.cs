using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Demo;

/// <summary>The demo's temporary directory; it is gone when the demo is.</summary>
internal sealed class DemoDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("snapgrains-").FullName;

    /// <summary>Where the generated image goes.</summary>
    public string Image => Path.Combine(_path, "disk.raw");

    /// <summary>The silos' data and the image center.</summary>
    public string Data => Path.Combine(_path, "data");

    /// <summary>The NBD server's Unix socket. Its path must be short: the system allows some 100 characters.</summary>
    public string Socket => Path.Combine(_path, "nbd.sock");

    /// <summary>Looks before the demo starts whether it would fill the disk.</summary>
    /// <exception cref="SnapshotGrainsException">It would.</exception>
    public void RequireSpace(long bytes)
    {
        var free = new DriveInfo(_path).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new SnapshotGrainsException(
                ErrorCode.NoSpace,
                $"The demo needs {ByteSize.Approximate(bytes)} in {Path.GetDirectoryName(_path)}, which has "
                + $"{ByteSize.Approximate(free)} left; set TMPDIR to another directory or give a smaller --size.");
        }
    }

    /// <summary>Deletes it with all that is in it.</summary>
    public void Dispose() => Directory.Delete(_path, recursive: true);
}
