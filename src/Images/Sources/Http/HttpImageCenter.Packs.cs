using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <content>
/// Packs, by ranges. The first answer says which version of a pack there is; every other one must come from the same,
/// until its bytes were found wrong and it is forgotten.
/// </content>
public sealed partial class HttpImageCenter
{
    private const int MaxKnownPacks = 65_536;
    private const int ScratchBytes = 64 << 10;

    private readonly ConcurrentDictionary<PackId, ObjectVersion> _packs = new();
    private readonly AnswerPace _pace;

    /// <inheritdoc/>
    public int MaxScatterBytes => _options.MaxRequestBytes;

    /// <inheritdoc/>
    public long RoundTripBytes => _pace.RoundTripBytes;

    /// <inheritdoc/>
    public ValueTask ReadAsync(
        PackId pack, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        ReadRangeAsync(pack, offset, destination, null, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Digest?> ReadAsync(
        PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(urgency);

        // Where nobody waits it can be taken later: meanwhile the connection is free for the next request.
        using var digest = urgency.Priority == FetchPriority.Demand ? new RunningDigest() : null;
        await ReadRangeAsync(pack, offset, destination, digest, cancellationToken).ConfigureAwait(false);
        return digest?.Finish();
    }

    private async ValueTask ReadRangeAsync(
        PackId pack, long offset, Memory<byte> destination, RunningDigest? digest, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        var sentAt = _pace.Sent();
        using var answer = await AskAsync(pack, offset, destination.Length, cancellationToken).ConfigureAwait(false);
        var begun = _pace.Begun(sentAt);
        var body = await _objects.OpenAsync(answer, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            await FillAsync(body, answer, destination, digest, cancellationToken).ConfigureAwait(false);
        }

        _pace.Ended(begun, destination.Length);
    }

    /// <inheritdoc/>
    public async ValueTask ReadScatteredAsync(
        PackId pack, long offset, IReadOnlyList<ScatterPart> parts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using var answer = await AskAsync(
            pack, offset, parts.Sum(part => part.Destination.Length), cancellationToken).ConfigureAwait(false);
        var body = await _objects.OpenAsync(answer, cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            foreach (var part in parts)
            {
                if (part.TryBegin())
                {
                    // Whoever waits for the part takes its digest while the next one comes.
                    await FillAsync(body, answer, part.Destination, null, cancellationToken).ConfigureAwait(false);
                    part.Complete();
                }
                else
                {
                    await SkipAsync(body, answer, part.Destination.Length, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Forget(PackId pack) => _packs.TryRemove(pack, out _);

    private static async ValueTask FillAsync(
        HttpBody body, HttpResponseMessage answer, Memory<byte> destination, RunningDigest? digest,
        CancellationToken cancellationToken)
    {
        var got = await body.FillAsync(destination, digest, cancellationToken).ConfigureAwait(false);
        if (got < destination.Length)
        {
            throw HttpErrors.OfFailure(
                answer.RequestMessage!.RequestUri!,
                new EndOfStreamException($"the body ended {destination.Length - got} bytes early"));
        }
    }

    private static async ValueTask SkipAsync(
        HttpBody body, HttpResponseMessage answer, int bytes, CancellationToken cancellationToken)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(ScratchBytes);
        try
        {
            for (; bytes > 0; bytes -= Math.Min(bytes, ScratchBytes))
            {
                await FillAsync(
                    body, answer, scratch.AsMemory(0, Math.Min(bytes, ScratchBytes)), null, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>Asks for a range; what comes back is that range, of the version that is known.</summary>
    private async ValueTask<HttpResponseMessage> AskAsync(
        PackId pack, long offset, int length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _objects.UriOf(CenterLayout.PackPath(pack)));
        request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        _packs.TryGetValue(pack, out var known);
        known?.Require(request);
        var answer = await _objects.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            await CheckStatusAsync(answer, pack, offset, length, cancellationToken).ConfigureAwait(false);
            CheckVersion(answer, pack);
            CheckRange(answer, pack, offset, length);
            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private async ValueTask CheckStatusAsync(
        HttpResponseMessage answer, PackId pack, long offset, int length, CancellationToken cancellationToken)
    {
        if (IsMissing(answer))
        {
            throw await MissingAsync(ImageErrors.PackNotFound(pack), cancellationToken).ConfigureAwait(false);
        }

        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw ImageErrors.Truncated(pack, offset, length, 0);
        }

        if (answer.StatusCode is not HttpStatusCode.PartialContent and not HttpStatusCode.OK)
        {
            throw _objects.ErrorOf(answer);
        }
    }

    private void CheckVersion(HttpResponseMessage answer, PackId pack)
    {
        if (_packs.Count >= MaxKnownPacks)
        {
            _packs.Clear();
        }

        var version = ObjectVersion.Of(answer);
        if (!_packs.GetOrAdd(pack, version).Agrees(version))
        {
            throw HttpErrors.Changed(pack, answer.RequestMessage!.RequestUri!);
        }
    }

    private static void CheckRange(HttpResponseMessage answer, PackId pack, long offset, int length)
    {
        var uri = answer.RequestMessage!.RequestUri!;
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            if (offset != 0 || answer.Content.Headers.ContentLength != length)
            {
                throw HttpErrors.NoRanges(uri);
            }

            return;
        }

        var range = answer.Content.Headers.ContentRange;
        if (range?.From != offset || range.To is not { } last || last > offset + length - 1)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest,
                $"The server of {ShownUri.Of(uri)} answers {range} when asked for {length} bytes at {offset}: it is "
                + "out of order.");
        }

        if (last < offset + length - 1)
        {
            throw ImageErrors.Truncated(pack, offset, length, last + 1 - offset);
        }
    }
}
