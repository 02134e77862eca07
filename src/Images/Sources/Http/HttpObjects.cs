using System.Net;
using System.Net.Security;

namespace SnapshotGrains.Images;

/// <summary>Sends the requests of an HTTP image center, each with its limits in time.</summary>
internal sealed class HttpObjects : IDisposable
{
    /// <summary>Idle connections are closed before a server is likely to close them under a request.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Of an answer that nobody wants any more; a new connection costs less than reading on.</summary>
    private const int MaxDrainBytes = 64 << 10;

    /// <summary>So that a name that has moved is noticed.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly HttpClient _http;
    private readonly HttpCenterOptions _options;

    public HttpObjects(Uri center, HttpCenterOptions options)
    {
        _options = options;
        Center = center;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.MaxConnections,
            PooledConnectionIdleTimeout = IdleTimeout,
            PooledConnectionLifetime = Lifetime,
            MaxAutomaticRedirections = 3,
            MaxResponseDrainSize = MaxDrainBytes,
            UseCookies = false,
        };
        if (options.ChainPolicy is { } policy)
        {
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = options.Authorization;
    }

    /// <summary>The address of the center; ends with a slash.</summary>
    public Uri Center { get; }

    /// <summary>The address of one of its files.</summary>
    public Uri UriOf(string path) => new(Center, path);

    /// <summary>Sends a request and waits for the head of its answer, whatever that says.</summary>
    /// <exception cref="ImageCenterException">Unavailable, Timeout.</exception>
    public async ValueTask<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.AnswerTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw HttpErrors.Late(request.RequestUri!, _options.AnswerTimeout, "the head", error);
        }
        catch (Exception error) when (HttpErrors.IsNetwork(error))
        {
            throw HttpErrors.OfFailure(request.RequestUri!, error);
        }
    }

    /// <summary>Whether a file is there; true too when nobody can tell.</summary>
    public async ValueTask<bool> ExistsAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, UriOf(path));
        using var answer = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return answer.StatusCode is not HttpStatusCode.NotFound and not HttpStatusCode.Gone;
    }

    /// <summary>The error of an answer that is no success.</summary>
    public ImageCenterException ErrorOf(HttpResponseMessage answer) =>
        HttpErrors.OfStatus(answer, answer.RequestMessage!.RequestUri!, _options.TimeProvider);

    /// <summary>Opens an answer's body, whose bytes must not cease to come.</summary>
    public async ValueTask<HttpBody> OpenAsync(HttpResponseMessage answer, CancellationToken cancellationToken) => new(
        await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false),
        answer.RequestMessage!.RequestUri!, _options);

    public void Dispose() => _http.Dispose();
}
