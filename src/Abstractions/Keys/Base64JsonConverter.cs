using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SnapshotGrains;

/// <summary>Bytes as a base64 string, as <c>byte[]</c> is written, and not as an array of numbers.</summary>
internal sealed class Base64JsonConverter : JsonConverter<ImmutableArray<byte>>
{
    /// <inheritdoc />
    public override ImmutableArray<byte> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        [.. reader.GetBytesFromBase64()];

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, ImmutableArray<byte> value, JsonSerializerOptions options) =>
        writer.WriteBase64StringValue(value.AsSpan());
}
