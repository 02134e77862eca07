using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Export;

/// <summary>Where a disk's bytes are copied to; they come in order.</summary>
internal abstract class ExportTarget : IAsyncDisposable
{
    /// <summary>Stands for standard output where a file is named.</summary>
    public const string StandardOutput = "-";

    /// <summary>Opens a file or standard output.</summary>
    /// <param name="host">Has standard output.</param>
    /// <param name="path">The file, or <see cref="StandardOutput"/>.</param>
    /// <param name="sizeBytes">How many bytes will come.</param>
    public static ExportTarget Open(CliHost host, string path, long sizeBytes) => path == StandardOutput
        ? new StreamTarget(host.OpenOutput())
        : new FileTarget(path, sizeBytes);

    /// <summary>Writes bytes.</summary>
    public abstract ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Passes bytes that are zero.</summary>
    public abstract ValueTask SkipAsync(long offset, long length, CancellationToken cancellationToken);

    /// <summary>All bytes have come: the copy is whole.</summary>
    public abstract Task CompleteAsync(CancellationToken cancellationToken);

    /// <summary>Closes; what is not complete is not left behind.</summary>
    public abstract ValueTask DisposeAsync();
}
