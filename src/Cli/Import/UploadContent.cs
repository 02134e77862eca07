using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;

namespace SnapshotGrains.Cli.Import;

/// <summary>An image as the body of a request: read once, in large pieces, with the bytes sent reported.</summary>
internal sealed class UploadContent : HttpContent
{
    /// <summary>Large enough that system calls cost nothing, small enough that progress moves.</summary>
    private const int PieceBytes = 1 << 20;

    private readonly ImageFile _file;
    private readonly Action<long> _sent;

    /// <summary>The content of <paramref name="file"/>.</summary>
    /// <param name="file">The image; the caller closes it.</param>
    /// <param name="sent">Told how many bytes are sent, after each piece.</param>
    public UploadContent(ImageFile file, Action<long> sent)
    {
        _file = file;
        _sent = sent;
        Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Octet);
    }

    /// <summary>Bytes sent until now.</summary>
    public long SentBytes { get; private set; }

    /// <inheritdoc />
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc />
    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int read;
            while ((read = await ReadAsync(piece, cancellationToken)) > 0)
            {
                await stream.WriteAsync(piece.AsMemory(0, read), cancellationToken);
                SentBytes += read;
                _sent(SentBytes);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        if (_file.LengthBytes is { } promised && SentBytes != promised)
        {
            throw new SnapshotGrainsException(
                ErrorCode.Internal,
                $"'{_file.Name}' had {promised} bytes when the import started and ended after {SentBytes}; "
                + "stop whatever writes to it and import it again.");
        }
    }

    /// <inheritdoc />
    protected override bool TryComputeLength(out long length)
    {
        length = _file.LengthBytes ?? 0;
        return _file.LengthBytes is not null;
    }

    /// <summary>Keeps a fault of the file apart from one of the connection, which HTTP would report alike.</summary>
    private async ValueTask<int> ReadAsync(Memory<byte> piece, CancellationToken cancellationToken)
    {
        try
        {
            return await _file.Content.ReadAsync(piece, cancellationToken);
        }
        catch (IOException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.Internal, $"'{_file.Name}' cannot be read at byte {SentBytes}: {error.Message}", error);
        }
    }
}
