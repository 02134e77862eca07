using System.Net;
using System.Runtime.CompilerServices;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// An image center's directory behind a web server: any that serves files as they are, with ranges. Read only.
/// docs/FORMATS.md, "Image center". Thread-safe.
/// </summary>
public sealed partial class HttpImageCenter : IImageCenter, IDisposable
{
    /// <summary>Covers the header of every manifest: that is all a listing needs.</summary>
    private const int SummaryBytes = 8 << 10;

    private const int ListingParallelism = 8;
    private const int MaxIndexBytes = 64 << 20;
    private const int MaxMarkerBytes = 64 << 10;

    private readonly HttpCenterOptions _options;
    private readonly HttpObjects _objects;
    private readonly KnownManifests _manifests = new();

    private HttpImageCenter(Uri address, HttpCenterOptions options)
    {
        _options = options;
        _objects = new HttpObjects(WithSlash(address), options);
        _pace = new AnswerPace(options.TimeProvider);
    }

    /// <summary>Where it is.</summary>
    public Uri Address => _objects.Center;

    /// <summary>Opens the image center at an address. One that does not answer now is opened on trust.</summary>
    /// <param name="address">Where <c>center.json</c> is, <c>http</c> or <c>https</c>.</param>
    /// <param name="options">How it is asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ImageCenterException">NotFound (there is no image center), BadRequest, Forbidden, Corrupt,
    /// UnsupportedVersion.</exception>
    public static async Task<HttpImageCenter> OpenAsync(
        Uri address, HttpCenterOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var center = new HttpImageCenter(address, options);
        try
        {
            await center.CheckMarkerAsync(cancellationToken).ConfigureAwait(false);
            return center;
        }
        catch (ImageCenterException error) when (error.IsTransient)
        {
            return center;
        }
        catch
        {
            center.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Manifest> GetManifestAsync(string name, string snap, CancellationToken cancellationToken)
    {
        ImageName.Verify(name, snap);
        using var request = new HttpRequestMessage(
            HttpMethod.Get, _objects.UriOf(CenterLayout.ManifestPath(name, snap)));
        var known = _manifests.Find(name, snap, request);
        using var answer = await _objects.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotModified && known is not null)
        {
            return known;
        }

        if (IsMissing(answer))
        {
            throw await MissingAsync(ImageErrors.NotFound(name, snap), cancellationToken).ConfigureAwait(false);
        }

        var bytes = await ReadAllAsync(answer, _options.MaxManifestBytes, cancellationToken).ConfigureAwait(false);
        return _manifests.Add(ParseManifest(name, snap, bytes), answer);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ImageSummary> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var some in (await ReadIndexAsync(cancellationToken).ConfigureAwait(false)).Chunk(ListingParallelism))
        {
            var summaries = await Task.WhenAll(
                some.Select(image => SummarizeAsync(image.Name, image.Snap, cancellationToken))).ConfigureAwait(false);
            foreach (var summary in summaries.OfType<ImageSummary>())
            {
                yield return summary;
            }
        }
    }

    /// <summary>Refuses: it can only be read.</summary>
    /// <exception cref="ImageCenterException">ReadOnly, always.</exception>
    public ValueTask<Manifest> ImportAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        throw HttpErrors.ReadOnly(Address, $"import {request.Name}@{request.Snap}");
    }

    /// <summary>Refuses: it can only be read.</summary>
    /// <exception cref="ImageCenterException">ReadOnly, always.</exception>
    public ValueTask DeleteAsync(string name, string snap, CancellationToken cancellationToken) =>
        throw HttpErrors.ReadOnly(Address, $"delete {name}@{snap}");

    /// <summary>Closes the connections; requests under way fail.</summary>
    public void Dispose() => _objects.Dispose();

    private static Uri WithSlash(Uri address) => address.AbsolutePath.EndsWith('/')
        ? address : new UriBuilder(address) { Path = address.AbsolutePath + '/' }.Uri;

    private static bool IsMissing(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone;

    private static MemoryStream StreamOf(ArraySegment<byte> bytes) =>
        new(bytes.Array!, bytes.Offset, bytes.Count, writable: false);

    private static Manifest ParseManifest(string name, string snap, ArraySegment<byte> bytes)
    {
        try
        {
            var manifest = Manifest.Read(StreamOf(bytes));
            return manifest.Name == name && manifest.Snap == snap
                ? manifest
                : throw new CorruptFormatException("manifest", 0, $"it belongs to image {manifest}");
        }
        catch (CorruptFormatException error)
        {
            throw ImageErrors.Damaged(name, snap, error);
        }
    }

    private async Task CheckMarkerAsync(CancellationToken cancellationToken)
    {
        var uri = _objects.UriOf(CenterLayout.MarkerPath);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using var answer = await _objects.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (IsMissing(answer))
        {
            throw new ImageCenterException(
                ImageErrorCode.NotFound,
                $"{ShownUri.Of(Address)} is no image center: it has no {CenterLayout.MarkerPath}.");
        }

        var bytes = await ReadAllAsync(answer, MaxMarkerBytes, cancellationToken).ConfigureAwait(false);
        CenterMarker.Verify(ShownUri.Of(uri), System.Text.Encoding.UTF8.GetString(bytes));
    }

    private async Task<IReadOnlyList<(string Name, string Snap)>> ReadIndexAsync(CancellationToken cancellationToken)
    {
        var uri = _objects.UriOf(CenterLayout.IndexPath);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        using var answer = await _objects.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (IsMissing(answer))
        {
            throw await MissingAsync(
                new ImageCenterException(
                    ImageErrorCode.NotFound,
                    $"{ShownUri.Of(uri)} is missing, so images can be used by name but not be listed; open the "
                    + "directory once with 'snapgrains silo --image-center DIR', which makes it."),
                cancellationToken).ConfigureAwait(false);
        }

        var bytes = await ReadAllAsync(answer, MaxIndexBytes, cancellationToken).ConfigureAwait(false);
        try
        {
            return CenterIndex.Read(bytes);
        }
        catch (CorruptFormatException error)
        {
            throw new ImageCenterException(ImageErrorCode.Corrupt, $"{uri} cannot be used. {error.Message}", error);
        }
    }

    /// <summary>Null when the image was deleted since it was listed.</summary>
    private async Task<ImageSummary?> SummarizeAsync(string name, string snap, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, _objects.UriOf(CenterLayout.ManifestPath(name, snap)));
        request.Headers.Range = new System.Net.Http.Headers.RangeHeaderValue(0, SummaryBytes - 1);
        using var answer = await _objects.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (IsMissing(answer))
        {
            return null;
        }

        var bytes = await ReadStartAsync(answer, cancellationToken).ConfigureAwait(false);
        try
        {
            return ManifestHeader.Read(ManifestHeader.ReaderOf(StreamOf(bytes))).Summarize();
        }
        catch (CorruptFormatException error)
        {
            return new ImageSummary { Name = name, Snap = snap, Problem = error.Message };
        }
    }

    private async ValueTask<ArraySegment<byte>> ReadStartAsync(
        HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw _objects.ErrorOf(answer);
        }

        var body = await _objects.OpenAsync(answer, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var bytes = new byte[SummaryBytes];
            return new ArraySegment<byte>(
                bytes, 0, await body.FillAsync(bytes, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>A body as a whole; takes no more memory than twice what has come.</summary>
    private async ValueTask<ArraySegment<byte>> ReadAllAsync(
        HttpResponseMessage answer, long maxBytes, CancellationToken cancellationToken)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw _objects.ErrorOf(answer);
        }

        var body = await _objects.OpenAsync(answer, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var bytes = new byte[SummaryBytes];
            for (var length = 0; ;)
            {
                length += await body.FillAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false);
                if (length < bytes.Length)
                {
                    return new ArraySegment<byte>(bytes, 0, length);
                }

                if (length >= maxBytes)
                {
                    throw new ImageCenterException(
                        ImageErrorCode.Corrupt,
                        $"{ShownUri.Of(answer)} has more than {maxBytes} bytes, which is too many.");
                }

                Array.Resize(ref bytes, (int)Math.Min(2L * length, Array.MaxLength));
            }
        }
    }

    /// <summary>A file that is missing from a center that is there; else the center is gone.</summary>
    private async ValueTask<ImageCenterException> MissingAsync(
        ImageCenterException error, CancellationToken cancellationToken) =>
        await _objects.ExistsAsync(CenterLayout.MarkerPath, cancellationToken).ConfigureAwait(false)
            ? error
            : ImageErrors.Gone(_objects.UriOf(CenterLayout.MarkerPath).ToString(), error);
}
