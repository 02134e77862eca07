using System.Net;

namespace SnapshotGrains.Images;

/// <summary>What a web server's answers, or their absence, mean for an image center.</summary>
internal static class HttpErrors
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>An answer that is no success.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="what">What was asked for.</param>
    /// <param name="time">The clock, where the server gives a date to come back.</param>
    public static ImageCenterException OfStatus(HttpResponseMessage answer, Uri what, TimeProvider time)
    {
        var status = $"The image center answers {(int)answer.StatusCode} {answer.ReasonPhrase} for {ShownUri.Of(what)}";
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired =>
                new(ImageErrorCode.Forbidden, $"{status}: check the token (--image-center-token) and its rights."),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError =>
                new(ImageErrorCode.Unavailable, $"{status}; it may pass.")
                {
                    RetryAfter = RetryAfterOf(answer, time),
                },
            _ => new(ImageErrorCode.BadRequest, $"{status}: is it the address of an image center?"),
        };
    }

    /// <summary>No answer, or one that broke off.</summary>
    public static ImageCenterException OfFailure(Uri what, Exception error) => new(
        ImageErrorCode.Unavailable,
        $"The image center broke off while it was asked for {ShownUri.Of(what)}: {error.Message}",
        error);

    public static ImageCenterException Late(Uri what, TimeSpan limit, string part, Exception error) => new(
        ImageErrorCode.Timeout,
        $"The image center did not send {part} of {ShownUri.Of(what)} within {limit.TotalSeconds:0.#} s; is it "
        + "overloaded or hung?",
        error);

    /// <summary>Whether it is the network's failure.</summary>
    public static bool IsNetwork(Exception error) => error is HttpRequestException or IOException;

    public static ImageCenterException Changed(PackId pack, Uri what) => new(
        ImageErrorCode.Changed,
        $"{ShownUri.Of(what)} is not the file any more that it was when it was read first; packs never change: "
        + "restore it.")
    {
        Pack = pack,
    };

    public static ImageCenterException NoRanges(Uri what) => new(
        ImageErrorCode.BadRequest,
        $"The server of {ShownUri.Of(what)} answers ranges with whole files; use one that supports them (RFC 9110, "
        + "section 14).");

    public static ImageCenterException ReadOnly(Uri center, string act) => new(
        ImageErrorCode.ReadOnly,
        $"Cannot {act}: image center {ShownUri.Of(center)} is read over HTTP, which changes nothing; do it where its "
        + "directory is.");

    private static TimeSpan? RetryAfterOf(HttpResponseMessage answer, TimeProvider time)
    {
        var after = answer.Headers.RetryAfter;
        var wait = after?.Delta ?? after?.Date - time.GetUtcNow();
        return wait is { } given && given > TimeSpan.Zero
            ? given < LongestRetryAfter ? given : LongestRetryAfter
            : null;
    }
}
