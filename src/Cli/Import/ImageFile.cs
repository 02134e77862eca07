using SnapshotGrains.Cli.Hosting;

namespace SnapshotGrains.Cli.Import;

/// <summary>The raw image that an import reads: a file, a block device, or standard input.</summary>
/// <param name="name">Its name for messages.</param>
/// <param name="content">Its bytes, from the start.</param>
/// <param name="lengthBytes">Its length, where that is known before the end: it is a file.</param>
internal sealed class ImageFile(string name, Stream content, long? lengthBytes) : IAsyncDisposable
{
    /// <summary>Stands for standard input where a file is named.</summary>
    public const string StandardInput = "-";

    /// <summary>The file's name, for messages.</summary>
    public string Name => name;

    /// <summary>Its bytes.</summary>
    public Stream Content => content;

    /// <summary>Its length in bytes; null for standard input and block devices.</summary>
    public long? LengthBytes => lengthBytes;

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <exception cref="SnapshotGrainsException">It is missing, no file, or an image in another format.</exception>
    public static async Task<ImageFile> OpenAsync(CliHost host, string path, CancellationToken cancellationToken)
    {
        if (path == StandardInput)
        {
            return new ImageFile("standard input", host.OpenInput(), null);
        }

        if (!File.Exists(path))
        {
            throw Directory.Exists(path)
                ? new SnapshotGrainsException(ErrorCode.BadRequest, $"'{path}' is a directory; name a raw image file.")
                : new SnapshotGrainsException(ErrorCode.NotFound, $"There is no file '{path}'.");
        }

        // Reads are as large as the upload's buffer, so a buffer of the stream's own would only copy.
        var content = new FileStream(
            path,
            new FileStreamOptions { BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        var file = new ImageFile(path, content, LengthOf(content));
        try
        {
            await ImageFormat.RequireRawAsync(content, path, cancellationToken);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The image as the body of a request: a file goes without its holes.</summary>
    /// <param name="sent">Told how many bytes of the image are through.</param>
    public HttpContent ToContent(Action<long> sent) =>
        lengthBytes is null ? new UploadContent(this, sent) : new SparseUploadContent(name, sent);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => content.DisposeAsync();

    // A block device says 0, as an empty file does; both are then read to their end.
    private static long? LengthOf(FileStream content) => content.CanSeek && content.Length > 0 ? content.Length : null;
}
