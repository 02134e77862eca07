using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace SnapshotGrains.Client;

/// <content>Answers that come bit by bit: a disk's bytes, and events.</content>
public sealed partial class HttpControlPlane
{
    /// <summary>How long an answer may take to begin, and how long it may pause.</summary>
    private static readonly TimeSpan StreamTimeout = TimeSpan.FromSeconds(100);

    /// <summary>Longest silence between events: four heartbeats of the server.</summary>
    private static readonly TimeSpan EventTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Where a disk's data and zeros are, in order, without gaps.</summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes, at least 1.</param>
    /// <param name="max">Most runs wanted, 1 to 65,536; the last may end before the range does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<DiskExtent>> GetDiskExtentsAsync(
        string disk, long offset, long length, int max, CancellationToken cancellationToken)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"?offset={offset}&length={length}&max={max}");
        return await http.GetApiAsync<DiskExtent[]>(ApiRoutes.ExtentsOf(disk) + query, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Reads a range of a disk as a stream.</summary>
    /// <param name="disk">The disk's name.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes, at least 1; the range lies within the disk.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The bytes; dispose it. Reads throw <see cref="SnapshotGrainsException"/> with
    /// <see cref="ErrorCode.SiloUnavailable"/> when the server breaks off.</returns>
    public async Task<Stream> OpenDiskContentAsync(
        string disk, long offset, long length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, ApiRoutes.ContentOf(disk));
        request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        var response = await SendStreamAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentLength != length)
        {
            response.Dispose();
            throw new SnapshotGrainsException(
                ErrorCode.Internal,
                $"{http.BaseAddress} did not answer with {length} bytes from {offset} on, as asked.");
        }

        return await BodyOfAsync(response, StreamTimeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What happens at the server from now on. Ends when the server stops in order.</summary>
    /// <param name="query">Which events; null: all but the progress of hydration.</param>
    /// <param name="cancellationToken">Stops to listen.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: the connection was lost, or
    /// too many listen already.</exception>
    public async IAsyncEnumerable<ServerEvent> WatchEventsAsync(
        EventQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stream = await ListenAsync(query ?? new EventQuery(), cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var one in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return one;
            }
        }
    }

    /// <summary>Begins to listen: whatever happens after that will be in the stream.</summary>
    /// <param name="query">Which events.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The events; dispose it.</returns>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: the server does not answer,
    /// or too many listen already.</exception>
    public async Task<EventStream> ListenAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using var request = new HttpRequestMessage(HttpMethod.Get, EventsPath(query));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        var response = await SendStreamAsync(request, cancellationToken).ConfigureAwait(false);
        return new EventStream(await BodyOfAsync(response, EventTimeout, cancellationToken).ConfigureAwait(false));
    }

    private static string EventsPath(EventQuery query)
    {
        string[] parts =
        [
            .. query.Disk is { } disk ? [$"disk={Uri.EscapeDataString(disk)}"] : Array.Empty<string>(),
            .. query.Hydration ? ["hydration=true"] : Array.Empty<string>(),
            .. query.IsOfProcess ? ["process=true"] : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? ApiRoutes.Events : $"{ApiRoutes.Events}?{string.Join('&', parts)}";
    }

    /// <summary>The deadline is for the answer's beginning; its body has one of its own for each read.</summary>
    private async Task<HttpResponseMessage> SendStreamAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(StreamTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await http.SendCheckedAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"{http.BaseAddress} did not begin to answer {HttpApi.Shown(request.RequestUri)} within "
                + $"{StreamTimeout.TotalSeconds:0} seconds; try again.",
                error);
        }
    }

    private async Task<Stream> BodyOfAsync(
        HttpResponseMessage response, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new DeadlineStream(body, http.BaseAddress, timeout, _time);
    }
}
