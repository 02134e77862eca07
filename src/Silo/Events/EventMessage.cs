using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SnapshotGrains.Silo.Events;

/// <summary>An event as it goes over the wire, made once for all who listen.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its kind, of <see cref="EventNames"/>.</param>
/// <param name="Disk">The disk that it is about; null: about none.</param>
/// <param name="Bytes">Its text.</param>
internal sealed record EventMessage(long Id, string Name, string? Disk, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Puts the text together: JSON has no line ends, so it is one field.</summary>
    public static EventMessage Of<T>(long id, string name, string? disk, T data)
    {
        var json = JsonSerializer.Serialize(data, ApiJson.Options);
        var text = string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {name}\ndata: {json}\n\n");
        return new EventMessage(id, name, disk, Encoding.UTF8.GetBytes(text));
    }
}
