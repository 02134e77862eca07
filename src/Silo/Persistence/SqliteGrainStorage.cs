using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SnapshotGrains.Silo.Persistence;

/// <summary>Orleans grain storage over a <see cref="SqliteStateStore"/>; states are JSON, ETags are versions.</summary>
internal sealed class SqliteGrainStorage(string name, SqliteStateStore store) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (store.Read(KeyOf(stateName, grainId)) is { } stored)
        {
            grainState.State = JsonSerializer.Deserialize<T>(stored.Value, ApiJson.Options)!;
            grainState.ETag = stored.Version.ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = true;
        }
        else
        {
            Reset(grainState);
        }

        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(grainState.State, ApiJson.Options);
        grainState.ETag = await ReplaceAsync(stateName, grainId, value, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is not null)
        {
            await ReplaceAsync(stateName, grainId, null, grainState.ETag);
        }

        Reset(grainState);
    }

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
    }

    private string KeyOf(string stateName, GrainId grainId) => $"{name}/{stateName}/{grainId}";

    private async Task<string> ReplaceAsync(string stateName, GrainId grainId, byte[]? value, string? etag)
    {
        var key = KeyOf(stateName, grainId);
        var expected = etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);
        var version = await store.WriteAsync(key, value, expected);
        if (version is null)
        {
            var stored = store.Read(key)?.Version.ToString(CultureInfo.InvariantCulture) ?? "none";
            throw new InconsistentStateException(
                $"State {key} was changed by another activation since it was read.", stored, etag ?? "none");
        }

        return version.Value.ToString(CultureInfo.InvariantCulture);
    }
}
