using System.Net.Mime;
using SnapshotGrains.Silo.Access;

namespace SnapshotGrains.Silo.Http;

/// <summary>Answers errors with problem details (RFC 9457) that carry our code; logs those nobody expected.</summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
        }
        catch (SnapshotGrainsException error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, error);
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            await WriteAsync(
                context,
                new SnapshotGrainsException(ErrorCode.BadRequest, error.InnerException?.Message ?? error.Message),
                error.StatusCode);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            LogUnexpected(error, context.Request.Method, context.Request.Path);
            await WriteAsync(context, new SnapshotGrainsException(ErrorCode.Internal, error.Message));
        }
    }

    private static Task WriteAsync(HttpContext context, SnapshotGrainsException error, int? knownStatus = null)
    {
        var status = knownStatus ?? StatusOf(error.Code);
        var problem = new ApiProblem(
            $"urn:snapshotgrains:error:{error.Code}", TitleOf(error.Code), status, error.Message, error.Code,
            error.IsTransient);
        var range = context.Response.Headers.ContentRange;
        context.Response.Clear();
        if (status == StatusCodes.Status416RangeNotSatisfiable)
        {
            // It tells the size (RFC 9110, section 15.5.17).
            context.Response.Headers.ContentRange = range;
        }
        else if (status == StatusCodes.Status401Unauthorized)
        {
            // It tells how to ask (RFC 9110, section 11.6.1).
            context.Response.Headers.WWWAuthenticate = TokenHandler.Challenges;
        }

        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            problem, ApiJson.Options, MediaTypeNames.Application.ProblemJson, context.RequestAborted);
    }

    private static int StatusOf(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => StatusCodes.Status400BadRequest,
        ErrorCode.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorCode.KeyUnavailable => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.AlreadyExists or ErrorCode.InUse or ErrorCode.Fenced => StatusCodes.Status409Conflict,
        ErrorCode.ImageCenterUnavailable or ErrorCode.CacheExhausted or ErrorCode.SiloUnavailable =>
            StatusCodes.Status503ServiceUnavailable,
        ErrorCode.ImageCorrupt => StatusCodes.Status502BadGateway,
        ErrorCode.SegmentTimeout => StatusCodes.Status504GatewayTimeout,
        ErrorCode.NoSpace => StatusCodes.Status507InsufficientStorage,
        ErrorCode.Cancelled => StatusCodes.Status499ClientClosedRequest,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static string TitleOf(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => "The request is wrong.",
        ErrorCode.Unauthorized => "The request lacks a valid access token.",
        ErrorCode.NotFound => "There is no such thing.",
        ErrorCode.AlreadyExists => "The name is taken.",
        ErrorCode.InUse => "It is in use.",
        ErrorCode.ImageCenterUnavailable => "The image center does not answer.",
        ErrorCode.ImageCorrupt => "The image center's data is damaged.",
        ErrorCode.NoSpace => "No space is left.",
        ErrorCode.DiskCorrupt => "The disk's data is damaged.",
        ErrorCode.DiskFailed => "The disk's files cannot be used.",
        ErrorCode.Fenced => "Another writer has taken the disk over.",
        ErrorCode.KeyUnavailable => "The key cannot be used.",
        ErrorCode.CacheExhausted => "The segment cache is full of segments in use.",
        ErrorCode.SegmentTimeout => "A segment did not come in time.",
        ErrorCode.SiloUnavailable => "A silo does not answer.",
        ErrorCode.Cancelled => "The request was given up.",
        _ => "An unexpected error.",
    };

    [LoggerMessage(2001, LogLevel.Error, "{Method} {Path} failed unexpectedly")]
    private partial void LogUnexpected(Exception error, string method, PathString path);
}
