namespace SnapshotGrains.Bench.Transfer;

/// <summary>A web server that has each segment as a file of its number.</summary>
internal sealed class FileSource(Uri files) : ISource
{
    private readonly HttpClient _http = new(new SocketsHttpHandler());

    public async ValueTask FetchAsync(int number, Memory<byte> destination, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(files, $"{number}"));
        using var response = await _http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await body.ReadExactlyAsync(destination, cancellationToken);
    }
}
