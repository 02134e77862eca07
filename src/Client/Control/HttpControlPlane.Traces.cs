using System.Net.Http.Headers;

namespace SnapshotGrains.Client;

/// <content>Traces.</content>
public sealed partial class HttpControlPlane : ITracePlane
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<TraceInfo>> ListTracesAsync(
        SnapshotId snapshot, CancellationToken cancellationToken) =>
        await http.GetApiAsync<TraceInfo[]>(ApiRoutes.TracesOf(snapshot), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> FindTraceAsync(TraceName name, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.TraceOf(name));
        try
        {
            using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"{http.BaseAddress} broke off while it sent trace {name}: {error.Message}", error);
        }
    }

    /// <inheritdoc />
    public async Task RecordTraceAsync(
        TraceName name, ReadOnlyMemory<byte> run, CancellationToken cancellationToken)
    {
        using var request = RequestWith(HttpMethod.Post, ApiRoutes.TraceRunsOf(name), run);
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<TraceInfo> ImportTraceAsync(
        TraceName name, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken)
    {
        using var request = RequestWith(HttpMethod.Put, ApiRoutes.TraceOf(name), trace);
        return await http.SendApiAsync<TraceInfo>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task DeleteTraceAsync(TraceName name, CancellationToken cancellationToken) =>
        http.DeleteApiAsync(ApiRoutes.TraceOf(name), cancellationToken);

    private static HttpRequestMessage RequestWith(HttpMethod method, string path, ReadOnlyMemory<byte> trace)
    {
        var content = new ReadOnlyMemoryContent(trace);
        content.Headers.ContentType = new MediaTypeHeaderValue(ApiRoutes.TraceMediaType);
        return new HttpRequestMessage(method, path) { Content = content };
    }
}
