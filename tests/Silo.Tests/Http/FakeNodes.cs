using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Three silos whose HTTP APIs answer what a test says.</summary>
internal sealed class FakeNodes : HttpMessageHandler
{
    public static readonly string[] Names = ["a-0", "b-0", "c-0"];

    private readonly Lock _gate = new();

    /// <summary>Answers requests for segments; probes are always answered.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => throw new NotSupportedException();

    /// <summary>Who was asked for segments, in order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>In whose place the last one was asked.</summary>
    public string? LastInsteadOf { get; private set; }

    /// <summary>Of whose segment the last one was asked for a copy.</summary>
    public string? LastCopyOf { get; private set; }

    public static HttpResponseMessage Bytes(byte[] content, uint? checksum = null)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(content) };
        answer.Headers.Add(SegmentHeaders.Checksum, SegmentHeaders.Write(checksum ?? Crc32C.Compute(content)));
        return answer;
    }

    /// <summary>Sends a reader on for a copy.</summary>
    public static HttpResponseMessage CopyAt(string name, string owner)
    {
        var answer = MovedTo(name);
        answer.Headers.Add(SegmentHeaders.CopyOf, owner);
        return answer;
    }

    public static HttpResponseMessage MovedTo(string name)
    {
        var answer = new HttpResponseMessage(HttpStatusCode.TemporaryRedirect);
        answer.Headers.Location = new Uri(AddressOf(name), "/v1/segments/x");
        answer.Headers.Add(SegmentHeaders.Owner, name);
        return answer;
    }

    public Task<IReadOnlyList<NodeInfo>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<NodeInfo>>([.. Names.Select(NodeOf)]);

    public string NameOf(HttpRequestMessage request) =>
        Names.Single(name => AddressOf(name).Host == request.RequestUri!.Host);

    /// <summary>Whom placement would choose.</summary>
    public string OwnerOf(SegmentKey key, string? without = null)
    {
        var names = Names.Where(name => name != without).ToArray();
        return names[RendezvousHash.Choose(
            Digest.Parse(key.PlacementHex), [.. names.Select(name => new RendezvousNode(name, 1 << 20))])];
    }

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.AbsolutePath == ApiRoutes.Live)
        {
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }

        lock (_gate)
        {
            Asked.Add(NameOf(request));
            LastInsteadOf = HeaderOf(request, SegmentHeaders.InsteadOf);
            LastCopyOf = HeaderOf(request, SegmentHeaders.CopyOf);
        }

        return Task.FromResult(Answer(request));
    }

    private static string? HeaderOf(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    private static Uri AddressOf(string name) => new($"http://{name}.test:8080");

    private static NodeInfo NodeOf(string name) => new(
        name, name, DateTimeOffset.UnixEpoch,
        new CacheInfo(1 << 20, 0, 0, 0, 0, 0), new OriginInfo(0, 0, 0, 0, 0, 0), new DerivationInfo(0, 0, 0, 0, 0),
        new NodeEndpoints(AddressOf(name), []));
}
