namespace SnapshotGrains.Silo.Hosting;

/// <summary>Keeps a data directory to one process: two of them would not know of each other's disks.</summary>
internal sealed class DataDirectoryLock : IDisposable
{
    private const string FileName = "lock";

    private readonly FileStream _file;

    private DataDirectoryLock(FileStream file) => _file = file;

    /// <exception cref="IOException">Another process has the directory.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        try
        {
            return new DataDirectoryLock(new FileStream(
                Path.Combine(directory, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error) when (error is not DirectoryNotFoundException and not PathTooLongException)
        {
            throw new IOException("another silo process uses it; stop that one or choose another directory", error);
        }
    }

    public void Dispose() => _file.Dispose();
}
