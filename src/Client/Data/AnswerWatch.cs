using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Tells a slow answer from none: a cold segment may take as long as its image center, but the process that loads it
/// answers a probe meanwhile, and bytes that have begun to come go on coming.
/// </summary>
internal sealed class AnswerWatch : IDisposable
{
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending;
    private readonly LifeProbe _life;

    /// <param name="http">Carries the requests.</param>
    /// <param name="address">The process that is asked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The reader's deadline.</param>
    public AnswerWatch(HttpClient http, Uri address, TimeProvider time, CancellationToken cancellationToken)
    {
        (_http, _address, _time) = (http, address, time);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _life = new LifeProbe(
            (probe, token) => http.SendAsync(probe, HttpCompletionOption.ResponseHeadersRead, token), address, time);
    }

    /// <summary>Ends with the reader's deadline, or when the process is given up.</summary>
    public CancellationToken Token => _ending.Token;

    /// <summary>Sends a request and waits for the head of its answer, as long as the process is alive.</summary>
    public async ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        request.Options.Set(DeadlineHandler.HasNoDeadline, true); // the reader has its own
        request.Options.Set(FailoverHandler.IsForNode, true);
        var answer = _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        if (!await _life.WaitAsync(answer, Token).ConfigureAwait(false))
        {
            await _ending.CancelAsync().ConfigureAwait(false);
        }

        return await answer.ConfigureAwait(false);
    }

    /// <summary>Reads the body, which must not stall.</summary>
    /// <returns>The CRC-32C of its bytes, taken while they come.</returns>
    public async ValueTask<uint> ReadAsync(HttpResponseMessage response, Memory<byte> destination)
    {
        var checksum = 0u;
        var body = await response.Content.ReadAsStreamAsync(Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            using var stall = _time.CreateTimer(
                static watch => ((AnswerWatch)watch!).GiveUp(), this, StallTimeout, Timeout.InfiniteTimeSpan);
            while (!destination.IsEmpty)
            {
                var read = await body.ReadAsync(destination, Token).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new EndOfStreamException($"{_address} ended its answer {destination.Length} bytes early.");
                }

                checksum = Crc32C.Append(checksum, destination.Span[..read]);
                destination = destination[read..];
                stall.Change(StallTimeout, Timeout.InfiniteTimeSpan);
            }
        }

        return checksum;
    }

    public void Dispose() => _ending.Dispose();

    private void GiveUp()
    {
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The answer was complete at that moment.
        }
    }
}
