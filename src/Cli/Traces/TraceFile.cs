using System.Text;
using SnapshotGrains.Cli.Export;
using SnapshotGrains.Cli.Hosting;
using SnapshotGrains.Cli.Import;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Traces;

/// <summary>A trace in a file or a pipe, encoded or as text (docs/FORMATS.md).</summary>
internal static class TraceFile
{
    /// <summary>Most bytes of a trace as text: a line has two numbers.</summary>
    private const int MaxTextBytes = 1 << 20;

    /// <summary>Reads a trace in either form.</summary>
    /// <exception cref="SnapshotGrainsException">There is no such file, or it is not a trace.</exception>
    public static async Task<SegmentTrace> ReadAsync(CliHost host, string path, CancellationToken cancellationToken)
    {
        var bytes = await ReadBytesAsync(host, path, cancellationToken);
        try
        {
            return bytes.AsSpan().StartsWith(SegmentTrace.Magic)
                ? SegmentTrace.Decode(bytes) : TraceText.Parse(Encoding.UTF8.GetString(bytes));
        }
        catch (FormatException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"'{path}' is not a trace that 'trace export' made: {error.Message}", error);
        }
    }

    /// <summary>Writes bytes, all or nothing.</summary>
    public static async Task WriteAsync(
        CliHost host, string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var target = ExportTarget.Open(host, path, bytes.Length);
            await target.WriteAsync(0, bytes, cancellationToken);
            await target.CompleteAsync(cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"'{path}' cannot be written: {error.Message}", error);
        }
    }

    private static async Task<byte[]> ReadBytesAsync(CliHost host, string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = path == ImageFile.StandardInput ? host.OpenInput() : File.OpenRead(path);
            var bytes = new byte[MaxTextBytes + 1];
            var length = await stream.ReadAtLeastAsync(
                bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return length <= MaxTextBytes ? bytes[..length] : throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"'{path}' has more than the {MaxTextBytes} bytes of a trace.");
        }
        catch (FileNotFoundException error)
        {
            throw new SnapshotGrainsException(ErrorCode.NotFound, $"There is no file '{path}'.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"'{path}' cannot be read: {error.Message}", error);
        }
    }
}
