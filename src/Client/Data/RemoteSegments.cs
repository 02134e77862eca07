using System.Collections.Concurrent;
using System.Net;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// Fetches segments from the silos that hold them, in other processes, over HTTP: the road of the bytes, beside the
/// grain calls. The owner is computed here, so that a warm fetch is one round trip; a silo that was asked in error, or
/// for a segment that too many want, says where the segment or a copy of it is. When the owner does not answer, the
/// silo that takes its place is asked at once.
/// </summary>
/// <param name="http">Carries the requests; does not follow redirections.</param>
/// <param name="nodes">The silos.</param>
/// <param name="cache">Keeps what was fetched, for all readers of this process.</param>
/// <param name="time">The clock.</param>
/// <param name="isSilo">Whether silos of this process give out copies of what is in the cache.</param>
public sealed class RemoteSegments(
    HttpClient http, NodeDirectory nodes, SegmentCache cache, TimeProvider time, bool isSilo = false)
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMilliseconds(500);

    /// <summary>Segments that one node is asked for at a time; others wait here, where a probe need not.</summary>
    private const int MaxRequestsANode = 16;

    /// <summary>The same for what nobody waits for: in the others' places it might stay long.</summary>
    private const int MaxIdleRequestsANode = 8;

    private readonly ConcurrentDictionary<(Uri Node, bool IsDemand), SemaphoreSlim> _places = new();

    /// <summary>Moves in a row, after which the cluster is unsettled and a pause is due.</summary>
    private const int MaxMoves = 3;

    /// <summary>
    /// Where segments of base replicas are looked for before a silo is asked; null: nowhere. Those of derived ones are
    /// named by how they are made, so nothing would tell whether they are right.
    /// </summary>
    public DiskCache? Disk { get; init; }

    /// <summary>Leases a segment from the cache, fetching it first if it is not there.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The name of its content; the one in <paramref name="key"/>.</param>
    /// <param name="lengthBytes">The segment's length.</param>
    /// <param name="hint">Where it is thought to be; null to compute that.</param>
    /// <param name="urgency">How urgent that is; the owner is told once, when it is asked.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <returns>The segment, leased: the caller releases it.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, SegmentLocation? hint, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        SegmentLoad fetch = (destination, token) => FetchAsync(key, hint, destination, urgency, token);
        return Disk is { } disk && key.Replica.IsBase
            ? LeaseOverAsync(disk, key, digest, lengthBytes, fetch, urgency, cancellationToken)
            : LeaseAsync(key, digest, lengthBytes, fetch, urgency, cancellationToken);
    }

    /// <summary>
    /// Leases a copy of what a silo of another process has, fetching it there first if it is not in the cache. Asks
    /// nobody else, and once: whoever wants the copy can ask that silo too.
    /// </summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The name of its content; the one in <paramref name="key"/>.</param>
    /// <param name="lengthBytes">The segment's length.</param>
    /// <param name="owner">The silo that has it.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <returns>The copy, leased: the caller releases it.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask<SegmentBuffer> LeaseCopyAsync(
        SegmentKey key, Digest digest, int lengthBytes, string owner, CancellationToken cancellationToken)
    {
        var list = await nodes.GetAsync(cancellationToken).ConfigureAwait(false);
        var address = list.Nodes.FirstOrDefault(node => node.Name == owner)?.Endpoints?.Http
            ?? throw NoCopy(key, owner);
        return await LeaseAsync(
            key, digest, lengthBytes,
            (destination, token) => FetchCopyAsync(key, new Target(owner, address), destination, token),
            FetchUrgency.Demand, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fills <paramref name="destination"/> with a segment's bytes, checked as they came.</summary>
    /// <param name="key">The segment.</param>
    /// <param name="hint">Where it is thought to be; null to compute that.</param>
    /// <param name="destination">As long as the segment.</param>
    /// <param name="urgency">How urgent that is; the owner is told once, when it is asked.</param>
    /// <param name="cancellationToken">The deadline: until then, what passes is tried again.</param>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask FetchAsync(
        SegmentKey key, SegmentLocation? hint, Memory<byte> destination, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        var backOff = FirstBackOff;
        for (var (target, moves) = (TargetOf(hint), 0); ; moves++)
        {
            target ??= await ChooseAsync(key, cancellationToken).ConfigureAwait(false);
            var isDesperate = nodes.IsSuspect(target.Value.Silo); // nobody else is left to be asked
            var answer = await TryAsync(
                target.Value, new Wish(key, destination, urgency, HttpMethod.Get), cancellationToken)
                .ConfigureAwait(false);
            if (answer.IsDone)
            {
                return;
            }

            target = await TargetOfAsync(answer, cancellationToken).ConfigureAwait(false);
            if (answer.IsUnreachable ? isDesperate : target is null || moves >= MaxMoves)
            {
                await Task.Delay(backOff, time, cancellationToken).ConfigureAwait(false);
                backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
                moves = 0;
            }
        }
    }

    /// <summary>
    /// Has a guess loaded by its owner, and takes nothing: half of them are in vain, and the way from the owner is
    /// short. Nobody waits, so nothing is tried again.
    /// </summary>
    /// <param name="key">The segment.</param>
    /// <param name="digest">The digest in its key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is loaded there; null when this process has it.</returns>
    /// <exception cref="SnapshotGrainsException">It cannot be had.</exception>
    public async ValueTask<bool?> PrepareAsync(
        SegmentKey key, Digest digest, CancellationToken cancellationToken)
    {
        if (cache.Contains(digest) || Disk?.Contains(digest) == true)
        {
            return null;
        }

        Target? target = await ChooseAsync(key, cancellationToken).ConfigureAwait(false);
        for (var moves = 0; target is { } owner && moves < MaxMoves; moves++)
        {
            var answer = await TryAsync(
                owner, new Wish(key, default, FetchUrgency.Of(FetchPriority.Guess), HttpMethod.Head),
                cancellationToken).ConfigureAwait(false);
            if (answer.IsDone)
            {
                return true;
            }

            target = await TargetOfAsync(answer, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private async ValueTask<SegmentBuffer> LeaseOverAsync(
        DiskCache disk, SegmentKey key, Digest digest, int lengthBytes, SegmentLoad fetch, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        var segment = await LeaseAsync(key, digest, lengthBytes, LoadAsync, urgency, cancellationToken)
            .ConfigureAwait(false);
        disk.Offer(segment);
        return segment;

        async ValueTask LoadAsync(Memory<byte> destination, CancellationToken token)
        {
            if (!await disk.TryReadAsync(digest, destination, token).ConfigureAwait(false))
            {
                await fetch(destination, token).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<SegmentBuffer> LeaseAsync(
        SegmentKey key, Digest digest, int lengthBytes, SegmentLoad load, FetchUrgency urgency,
        CancellationToken cancellationToken)
    {
        // Who gives out copies of a derived segment says what its SHA-256 is; its name is another.
        var isDerived = isSilo && !key.Replica.IsBase;
        try
        {
            return await cache.GetOrLoadAsync(digest, lengthBytes, load, cancellationToken, isDerived, urgency)
                .ConfigureAwait(false);
        }
        catch (CacheExhaustedException error)
        {
            throw new SnapshotGrainsException(ErrorCode.CacheExhausted, error.Message, error);
        }
    }

    private static SnapshotGrainsException NoCopy(SegmentKey key, string owner) => new(
        ErrorCode.SiloUnavailable, $"Silo '{owner}' gives no copy of segment {key}; ask it for the segment itself.");

    private async ValueTask FetchCopyAsync(
        SegmentKey key, Target owner, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var answer = await TryAsync(
            owner, new Wish(key, destination, FetchUrgency.Demand, HttpMethod.Get), cancellationToken)
            .ConfigureAwait(false);
        if (!answer.IsDone)
        {
            throw NoCopy(key, owner.Silo);
        }
    }

    private static Target? TargetOf(SegmentLocation? location) =>
        location?.Http is { } address ? new Target(location.Silo, address) : null;

    /// <summary>A silo that is known is asked at the address that it is known by.</summary>
    private async ValueTask<Target?> TargetOfAsync(Answer answer, CancellationToken cancellationToken)
    {
        if (answer.MovedTo is not { } moved)
        {
            return null;
        }

        var list = await nodes.GetAsync(cancellationToken).ConfigureAwait(false);
        var target = list.Nodes.FirstOrDefault(node => node.Name == moved.Silo)?.Endpoints is { } known
            ? new Target(moved.Silo, known.Http) : TargetOf(moved);
        return target is { } found ? found with { CopyOf = answer.CopyOf } : null;
    }

    /// <summary>The owner; while it does not answer, the silo that would own the segment without it.</summary>
    private async ValueTask<Target> ChooseAsync(SegmentKey key, CancellationToken cancellationToken)
    {
        var list = await nodes.GetAsync(cancellationToken).ConfigureAwait(false);
        var owner = list.OwnerOf(key);
        if (owner is null)
        {
            list = await nodes.RefreshAsync(cancellationToken).ConfigureAwait(false);
            owner = list.OwnerOf(key) ?? throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable, $"No silo is known that could have segment {key}; is one running?");
        }

        if (!nodes.IsSuspect(owner.Name))
        {
            return new Target(owner.Name, owner.Endpoints!.Http, SuspectsOf(list));
        }

        // With all of them suspect the owner is as good as any.
        return list.OwnerOf(key, nodes.IsSuspect) is { } other
            ? new Target(other.Name, other.Endpoints!.Http, SuspectsOf(list))
            : new Target(owner.Name, owner.Endpoints!.Http);
    }

    private string? SuspectsOf(NodeList list)
    {
        var suspects = list.Nodes.Select(node => node.Name).Where(nodes.IsSuspect).ToArray();
        return suspects.Length > 0 ? string.Join(',', suspects) : null;
    }

    private async ValueTask<Answer> TryAsync(Target target, Wish wish, CancellationToken cancellationToken)
    {
        var places = _places.GetOrAdd(
            (target.Address, wish.Urgency.Priority == FetchPriority.Demand),
            static lane => new SemaphoreSlim(lane.IsDemand ? MaxRequestsANode : MaxIdleRequestsANode));
        await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await TryNowAsync(target, wish, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            places.Release();
        }
    }

    private async ValueTask<Answer> TryNowAsync(Target target, Wish wish, CancellationToken cancellationToken)
    {
        using var watch = new AnswerWatch(http, target.Address, time, cancellationToken);
        try
        {
            var answer = await AskAsync(target, wish, watch).ConfigureAwait(false);
            nodes.Trust(target.Silo);
            return answer;
        }
        catch (OperationCanceledException error) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }
        catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
        {
            nodes.Suspect(target.Silo);
            return new Answer(IsDone: false, IsUnreachable: true);
        }
        catch (SnapshotGrainsException error) when (IsPassing(error, wish.Urgency))
        {
            return default;
        }
    }

    private async ValueTask<Answer> AskAsync(Target target, Wish wish, AnswerWatch watch)
    {
        using var request = new HttpRequestMessage(
            wish.Method, new Uri(target.Address, $"{ApiRoutes.Segments}/{wish.Key}"));
        Describe(request, target);
        if (wish.Urgency.Priority is var priority and not FetchPriority.Demand)
        {
            request.Headers.Add(SegmentHeaders.Priority, SegmentHeaders.Write(priority));
        }

        using var response = await watch.SendAsync(request).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.TemporaryRedirect)
        {
            return new Answer(IsDone: false, MovedTo: OwnerIn(response), CopyOf: CopyIn(response));
        }

        if (wish.Method == HttpMethod.Head && response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return default; // refused; that is common, and an exception dear
        }

        if (!response.IsSuccessStatusCode)
        {
            throw await HttpApi.ProblemOfAsync(response, watch.Token).ConfigureAwait(false);
        }

        if (wish.Method == HttpMethod.Get)
        {
            await ReadAsync(response, target, wish, watch).ConfigureAwait(false);
        }

        return new Answer(IsDone: true);
    }

    private static async ValueTask ReadAsync(
        HttpResponseMessage response, Target target, Wish wish, AnswerWatch watch)
    {
        var checksum = await watch.ReadAsync(response, wish.Destination).ConfigureAwait(false);
        if (checksum != SegmentHeaders.ReadChecksum(response.Headers))
        {
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"Segment {wish.Key} came from {target.Address} with other bytes than it sent.");
        }
    }

    private void Describe(HttpRequestMessage request, Target target)
    {
        if (target.InsteadOf is { } dead)
        {
            request.Headers.Add(SegmentHeaders.InsteadOf, dead);
        }

        if (target.CopyOf is { } owner)
        {
            request.Headers.Add(SegmentHeaders.CopyOf, owner);
        }

        if (isSilo)
        {
            request.Headers.Add(SegmentHeaders.Reader, SegmentHeaders.SiloReader);
        }
    }

    private static string? CopyIn(HttpResponseMessage response) =>
        response.Headers.TryGetValues(SegmentHeaders.CopyOf, out var owner) ? owner.First() : null;

    private static SegmentLocation? OwnerIn(HttpResponseMessage response) =>
        response.Headers.TryGetValues(SegmentHeaders.Owner, out var owner) && response.Headers.Location is { } location
            && location.IsAbsoluteUri
            ? new SegmentLocation(owner.First(), new Uri(location.GetLeftPart(UriPartial.Authority)))
            : null;

    /// <summary>What a silo's end, a moving segment or a full cache looks like to a reader.</summary>
    private static bool IsPassing(SnapshotGrainsException error, FetchUrgency urgency) => error.Code switch
    {
        ErrorCode.CacheExhausted => !urgency.Priority.IsAhead(), // what is only likely needs no patience
        var code => code == ErrorCode.SiloUnavailable,
    };

    /// <summary>What a silo is asked for.</summary>
    /// <param name="Key">The segment.</param>
    /// <param name="Destination">Where its bytes go, as long as it is; HEAD has none.</param>
    /// <param name="Urgency">How urgent it is.</param>
    /// <param name="Method">GET for its bytes; HEAD to have it loaded.</param>
    private readonly record struct Wish(
        SegmentKey Key, Memory<byte> Destination, FetchUrgency Urgency, HttpMethod Method);

    /// <summary>A silo to ask.</summary>
    /// <param name="Silo">Its name.</param>
    /// <param name="Address">Its HTTP address.</param>
    /// <param name="InsteadOf">Silos that did not answer: it may be asked in their place; null for none.</param>
    /// <param name="CopyOf">The silo of whose segment it is to have a copy; null for its own.</param>
    private readonly record struct Target(
        string Silo, Uri Address, string? InsteadOf = null, string? CopyOf = null);

    /// <summary>How a request ended.</summary>
    /// <param name="IsDone">The bytes are there.</param>
    /// <param name="IsUnreachable">Nobody answered: another silo is to be asked at once.</param>
    /// <param name="MovedTo">Where the segment is instead.</param>
    /// <param name="CopyOf">The silo of whose segment there is a copy.</param>
    private readonly record struct Answer(
        bool IsDone, bool IsUnreachable = false, SegmentLocation? MovedTo = null, string? CopyOf = null);
}
