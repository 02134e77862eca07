using System.Net.Http.Json;
using System.Security.Authentication;
using System.Text.Json;

namespace SnapshotGrains.Client;

/// <summary>Calls of the HTTP API whose errors are <see cref="SnapshotGrainsException"/>s again.</summary>
internal static class HttpApi
{
    public static async Task<T> GetApiAsync<T>(this HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await http.SendApiAsync<T>(request, cancellationToken).ConfigureAwait(false);
    }

    public static async Task DeleteApiAsync(this HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<TAnswer> PostApiAsync<TBody, TAnswer>(
        this HttpClient http, string path, TBody body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = JsonContent.Create(body, options: ApiJson.Options),
        };
        return await http.SendApiAsync<TAnswer>(request, cancellationToken).ConfigureAwait(false);
    }

    public static async Task<T> SendApiAsync<T>(
        this HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await http.SendCheckedAsync(request, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadFromJsonAsync<T>(ApiJson.Options, cancellationToken).ConfigureAwait(false)
            ?? throw new SnapshotGrainsException(
                ErrorCode.Internal, $"{http.BaseAddress} answered {Shown(request.RequestUri)} without a body.");
    }

    /// <summary>Sends, and returns only a success; the caller disposes it.</summary>
    public static async Task<HttpResponseMessage> SendCheckedAsync(
        this HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw Unreachable(http, error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(http, error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ProblemOfAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>An address as messages show it: what it was redirected to may be signed in its query.</summary>
    public static string? Shown(Uri? uri) => uri is null || !uri.IsAbsoluteUri ? null
        : uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static SnapshotGrainsException Unreachable(HttpClient http, Exception error) => error switch
    {
        HttpRequestException { InnerException: AuthenticationException why } => new SnapshotGrainsException(
            ErrorCode.Unauthorized,
            $"{http.BaseAddress} is not trusted ({why.Message.TrimEnd('.')}): its certificate must name "
            + $"'{http.BaseAddress?.Host}' and be signed by an authority that is trusted here, which --ca FILE or "
            + "SNAPSHOTGRAINS_CA can name; the address of a server without TLS begins with http://.",
            error),
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse }
            when http.BaseAddress?.Scheme == Uri.UriSchemeHttp => new SnapshotGrainsException(
            ErrorCode.SiloUnavailable,
            $"{http.BaseAddress} did not answer in HTTP ({error.Message.TrimEnd('.')}); if it speaks TLS, its address "
            + "begins with https://.",
            error),
        _ => NoAnswer(http, error),
    };

    private static SnapshotGrainsException NoAnswer(HttpClient http, Exception error) => new(
        ErrorCode.SiloUnavailable,
        $"No answer from {http.BaseAddress} ({error.Message}); is a silo running there ('snapgrains silo'), "
        + "or should --server or SNAPSHOTGRAINS_SERVER name another?",
        error);

    /// <summary>The error that an answer tells of.</summary>
    public static async Task<SnapshotGrainsException> ProblemOfAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await response.Content.ReadFromJsonAsync<ApiProblem>(ApiJson.Options, cancellationToken)
                .ConfigureAwait(false);
            if (problem?.Detail is not null)
            {
                return new SnapshotGrainsException(problem.Code, problem.Detail);
            }
        }
        catch (JsonException)
        {
            // Not one of ours: something between us and the silo answered. The status says what there is to say.
        }

        return new SnapshotGrainsException(
            ErrorCode.Internal,
            $"{Shown(response.RequestMessage?.RequestUri)} answered {(int)response.StatusCode} "
            + $"{response.ReasonPhrase}.");
    }
}
