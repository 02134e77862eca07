using SnapshotGrains.Silo.Hosting;

namespace SnapshotGrains.Silo.Http;

/// <summary>Puts the HTTP API together.</summary>
internal static class HttpApiHosting
{
    public static void MapSnapshotGrains(this WebApplication app)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.MapImages();
        app.MapDisks();
        app.MapDiskContent();
        app.MapBatchClones();
        app.MapKeys();
        app.MapReplicas();
        app.MapNodes();
        app.MapSegments();
        app.MapEvents();
        app.MapHealth();
        GrainEngine.MapPages(app);
        app.MapFallback(Refuse);
    }

    private static Task Refuse(HttpContext context) => throw new SnapshotGrainsException(
        ErrorCode.NotFound,
        $"There is no {context.Request.Method} {context.Request.Path}; docs/HTTP-API.md lists what there is.");

    /// <summary>Live: the process answers. Ready: grains and the image center answer too.</summary>
    private static void MapHealth(this WebApplication app)
    {
        app.MapGet(ApiRoutes.Live, () => Results.Text("live"));
        app.MapGet("/healthz/ready", async (SiloProcess process, CancellationToken ct) =>
            await process.WhyNotReadyAsync(ct) is { } reason
                ? Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Text("ready"));
    }
}
