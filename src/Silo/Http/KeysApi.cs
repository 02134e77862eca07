using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Http;

/// <summary>
/// <c>/v1/keys</c>: list, describe, create, rotate, revoke, delete data keys. They come and go wrapped; each change is
/// logged.
/// </summary>
internal static partial class KeysApi
{
    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup(ApiRoutes.Keys).WithTags("keys");
        keys.MapGet("/", (SnapshotGrainsClient client, CancellationToken ct) => client.Control.ListKeysAsync(ct));
        keys.MapGet("/{name}", async (string name, SnapshotGrainsClient client, CancellationToken ct) =>
            await client.Control.FindKeyAsync(name, ct) ?? throw KeyCatalog.NoSuchKey(name));
        keys.MapPut("/{name}", CreateAsync);
        keys.MapDelete("/{name}", RemoveAsync);
        keys.MapPost("/{name}/revoke", RevokeAsync);
        keys.MapPost("/{name}/rotate", (string name, IKeyPlane plane, ILoggerFactory logs, CancellationToken ct) =>
            RotateAsync(name, plane, logs, ct));
        routes.MapPost(ApiRoutes.KeyRotation, (IKeyPlane plane, ILoggerFactory logs, CancellationToken ct) =>
            RotateAsync(null, plane, logs, ct)).WithTags("keys");
    }

    private static async Task<IResult> CreateAsync(
        string name, IKeyPlane plane, ILoggerFactory logs, CancellationToken ct)
    {
        var key = await plane.CreateKeyAsync(name, ct);
        LogCreated(LogOf(logs), key.Ref, key.KekId);
        return Results.Created(ApiRoutes.KeyOf(name), key);
    }

    private static async Task<KeyRotation> RotateAsync(
        string? name, IKeyPlane plane, ILoggerFactory logs, CancellationToken ct)
    {
        var rewrapped = await plane.RotateKeysAsync(name, ct);
        LogRotated(LogOf(logs), rewrapped, name is null ? "all" : $"'{name}'");
        return new KeyRotation(rewrapped);
    }

    private static async Task<KeyInfo> RevokeAsync(
        string name, SnapshotGrainsClient client, ILoggerFactory logs, CancellationToken ct)
    {
        var key = await client.Control.RevokeKeyAsync(name, ct);
        LogRevoked(LogOf(logs), key.Ref);
        return key;
    }

    private static async Task<IResult> RemoveAsync(
        string name, SnapshotGrainsClient client, ILoggerFactory logs, CancellationToken ct)
    {
        await client.Control.RemoveKeyAsync(name, ct);
        LogRemoved(LogOf(logs), name);
        return Results.NoContent();
    }

    private static ILogger LogOf(ILoggerFactory logs) => logs.CreateLogger(typeof(KeysApi).FullName!);

    [LoggerMessage(2101, LogLevel.Information, "Key {Key} was created, wrapped under key-encryption key {Kek}")]
    private static partial void LogCreated(ILogger log, KeyRef key, string kek);

    [LoggerMessage(2102, LogLevel.Information, "{Count} keys were wrapped anew; {Which} had been asked for")]
    private static partial void LogRotated(ILogger log, int count, string which);

    [LoggerMessage(2103, LogLevel.Warning, "Key {Key} was revoked")]
    private static partial void LogRevoked(ILogger log, KeyRef key);

    [LoggerMessage(2104, LogLevel.Warning, "Key '{Key}' was removed")]
    private static partial void LogRemoved(ILogger log, string key);
}
