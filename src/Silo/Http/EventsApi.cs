using System.Text;
using Microsoft.AspNetCore.Http.Features;
using SnapshotGrains.Silo.Events;

namespace SnapshotGrains.Silo.Http;

/// <summary><c>/v1/events</c>: server-sent events (HTML Living Standard, section 9.2).</summary>
internal static class EventsApi
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly ReadOnlyMemory<byte> Comment = Encoding.UTF8.GetBytes(":\n\n");

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet(ApiRoutes.Events, SendAsync).WithTags("events");

    private static async Task SendAsync(
        string? disk,
        bool? hydration,
        bool? process,
        HttpContext context,
        EventHub hub,
        EventRelay relay,
        SiloProcess silo,
        IHostApplicationLifetime lifetime)
    {
        var query = new EventQuery(
            disk is null ? null : ResourceName.Check(disk, "disk"), hydration == true, process == true);
        using var subscription = hub.Subscribe(query);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            if (!query.IsOfProcess)
            {
                await relay.ConnectAsync(end.Token);
            }

            await SendAllAsync(context, subscription, silo.Settings.ReadTimeout, end.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The body ends here, well formed: the listener sees that it is over.
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // It did not take its events in time.
            context.Abort();
        }
    }

    private static async Task SendAllAsync(
        HttpContext context, EventSubscription subscription, TimeSpan timeout, CancellationToken end)
    {
        // At once, so that the listener knows that it listens.
        await WriteAsync(context, Comment, timeout, end);
        while (true)
        {
            while (subscription.TryTake(out var message))
            {
                await WriteAsync(context, message.Bytes, timeout, end);
            }

            await WaitAsync(context, subscription, timeout, end);
        }
    }

    /// <summary>Waits for an event, and shows that the connection lives meanwhile.</summary>
    private static async Task WaitAsync(
        HttpContext context, EventSubscription subscription, TimeSpan timeout, CancellationToken end)
    {
        var next = subscription.WaitAsync(end).AsTask();
        while (true)
        {
            try
            {
                await next.WaitAsync(Heartbeat, TimeProvider.System, end);
                return;
            }
            catch (TimeoutException)
            {
                await WriteAsync(context, Comment, timeout, end);
            }
        }
    }

    private static async Task WriteAsync(
        HttpContext context, ReadOnlyMemory<byte> bytes, TimeSpan timeout, CancellationToken end)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(end);
        deadline.CancelAfter(timeout);
        await context.Response.Body.WriteAsync(bytes, deadline.Token);
        await context.Response.Body.FlushAsync(deadline.Token);
    }
}
