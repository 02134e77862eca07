using SnapshotGrains.Silo.Access;
using SnapshotGrains.Silo.Hosting;

namespace SnapshotGrains.Silo.Http;

/// <summary>Puts the HTTP API together.</summary>
internal static class HttpApiHosting
{
    public static void MapSnapshotGrains(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseTokenAccess();
        app.MapGroup("").RequireAuthorization(AccessHosting.Policy).MapApi();
        app.MapHealth();
        GrainEngine.MapPages(app, app.Services.GetRequiredService<SiloProcess>().Settings);
        app.MapFallback(Refuse);
    }

    private static void MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapImages();
        routes.MapTraces();
        routes.MapDisks();
        routes.MapDiskContent();
        routes.MapBatchClones();
        routes.MapKeys();
        routes.MapReplicas();
        routes.MapNodes();
        routes.MapSegments();
        routes.MapEvents();
    }

    private static Task Refuse(HttpContext context) => throw new SnapshotGrainsException(
        ErrorCode.NotFound,
        $"There is no {context.Request.Method} {context.Request.Path}; docs/HTTP-API.md lists what there is.");

    /// <summary>
    /// Live: the process answers. Ready: grains and the image center answer too. Probes have no token.
    /// </summary>
    private static void MapHealth(this WebApplication app)
    {
        app.MapGet(ApiRoutes.Live, () => Results.Text("live")).AllowAnonymous();
        app.MapGet("/healthz/ready", async (SiloProcess process, CancellationToken ct) =>
            await process.WhyNotReadyAsync(ct) is { } reason
                ? Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Text("ready")).AllowAnonymous();
    }
}
