using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace SnapshotGrains.Client;

/// <summary>Events of a server, from the moment on that it was asked for them.</summary>
public sealed class EventStream : IAsyncDisposable
{
    private readonly Stream _body;

    internal EventStream(Stream body) => _body = body;

    /// <summary>Reads them, once. Ends when the server stops in order.</summary>
    /// <param name="cancellationToken">Stops to listen.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>: the connection was lost.
    /// </exception>
    public async IAsyncEnumerable<ServerEvent> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var items = SseParser.Create<ServerEvent?>(_body, EventParser.Parse).EnumerateAsync(cancellationToken);
        await foreach (var item in items.ConfigureAwait(false))
        {
            if (EventParser.Complete(item) is { } known)
            {
                yield return known;
            }
        }
    }

    /// <summary>Stops to listen.</summary>
    public ValueTask DisposeAsync() => _body.DisposeAsync();
}
