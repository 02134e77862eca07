using System.Text.Json;
using System.Text.Json.Serialization;

namespace SnapshotGrains;

/// <summary>A snapshot id is the string <c>name@snap</c> in JSON.</summary>
internal sealed class SnapshotIdJsonConverter : JsonConverter<SnapshotId>
{
    public override SnapshotId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SnapshotId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException($"a snapshot is written NAME@SNAP, each {ResourceName.Rule}");

    public override void Write(Utf8JsonWriter writer, SnapshotId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
