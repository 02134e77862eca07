using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using SnapshotGrains.Images;

namespace SnapshotGrains.Cli.Import;

/// <summary>A file as the body of a request, without its holes (docs/FORMATS.md, "Sparse image").</summary>
internal sealed class SparseUploadContent : HttpContent
{
    /// <summary>Large enough that system calls cost nothing, small enough that progress moves.</summary>
    private const int PieceBytes = 1 << 20;

    private readonly FileImageReader _file;
    private readonly string _path;
    private readonly Action<long> _sent;

    /// <summary>The content of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sent">Told how many bytes of the image are through, holes included.</param>
    public SparseUploadContent(string path, Action<long> sent)
    {
        (_path, _sent) = (path, sent);
        _file = new FileImageReader(path);
        Headers.ContentType = new MediaTypeHeaderValue(SparseImageFormat.MediaType);
    }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var size = _file.LengthBytes!.Value;
        var writer = new SparseImageWriter(stream);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            await writer.WriteHeaderAsync(size, cancellationToken);
            for (long offset = 0; (offset = await FindDataAsync(offset, cancellationToken)) < size;)
            {
                var data = piece.AsMemory(0, (int)Math.Min(PieceBytes, size - offset));
                await ReadAsync(offset, data, cancellationToken);
                await writer.WriteAsync(offset, data, cancellationToken);
                offset += data.Length;
                _sent(offset);
            }

            await writer.CompleteAsync(cancellationToken);
            _sent(size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        // Nobody knows how much of it is holes before it is read.
        length = 0;
        return false;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private ValueTask<long> FindDataAsync(long offset, CancellationToken cancellationToken) =>
        _file.FindDataAsync(offset, cancellationToken);

    /// <summary>Keeps a fault of the file apart from one of the connection, which HTTP would report alike.</summary>
    private async ValueTask ReadAsync(long offset, Memory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            var read = await _file.ReadAsync(offset, data, cancellationToken);
            if (read < data.Length)
            {
                throw new SnapshotGrainsException(
                    ErrorCode.Internal,
                    $"'{_path}' had {_file.LengthBytes} bytes when the import started and ends at {offset + read} now; "
                    + "stop whatever writes to it and import it again.");
            }
        }
        catch (IOException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.Internal, $"'{_path}' cannot be read at byte {offset}: {error.Message}", error);
        }
    }
}
