using System.Text.Json;
using Orleans.Storage;

namespace SnapshotGrains.Silo.Persistence;

/// <summary>Writes grains' state as <see cref="SqliteGrainStorage"/> does, so that it reads the same wherever it is.
/// </summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, ApiJson.Options));

    public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input, ApiJson.Options)!;
}
