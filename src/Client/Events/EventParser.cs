using System.Globalization;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace SnapshotGrains.Client;

/// <summary>Makes events of what the wire says. Kinds that a newer server has are left out.</summary>
internal static class EventParser
{
    /// <summary>The event without its id; null when its kind is unknown.</summary>
    public static ServerEvent? Parse(string kind, ReadOnlySpan<byte> data)
    {
        try
        {
            return kind switch
            {
                EventNames.Disk => new DiskEvent(0, Read<DiskInfo>(data)),
                EventNames.Hydration => new HydrationEvent(0, Read<HydrationProgress>(data)),
                EventNames.Batch => new BatchEvent(0, Read<BatchClone>(data)),
                EventNames.Lagged => new LaggedEvent(0, Read<MissedEvents>(data).Missed),
                _ => null,
            };
        }
        catch (JsonException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.Internal, $"The data of an event '{kind}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The event with its id.</summary>
    public static ServerEvent? Complete(SseItem<ServerEvent?> item) =>
        item.Data is { } known && long.TryParse(item.EventId, CultureInfo.InvariantCulture, out var id)
            ? known with { Id = id }
            : item.Data;

    private static T Read<T>(ReadOnlySpan<byte> data) =>
        JsonSerializer.Deserialize<T>(data, ApiJson.Options) ?? throw new JsonException("it is null");
}
