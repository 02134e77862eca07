using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// Grain storage that outlives the silos, as a file would: states are JSON, as our own storage keeps them. Writes can
/// be made to fail.
/// </summary>
internal sealed class SharedStore : IGrainStorage
{
    private readonly ConcurrentDictionary<string, (byte[] Json, long Version)> _states = new();

    /// <summary>Runs before each write, with the state's name; throws to make it fail.</summary>
    public Action<string> BeforeWrite { get; set; } = _ => { };

    /// <summary>Runs after each write, with the state's name; throws to lose its answer.</summary>
    public Action<string> AfterWrite { get; set; } = _ => { };

    /// <summary>Runs before each read, with the state's name; throws to make it fail.</summary>
    public Action<string> BeforeRead { get; set; } = _ => { };

    /// <summary>What grains find that have written nothing yet, by the state's name.</summary>
    public Dictionary<string, object> Initial { get; } = [];

    public int CountOf(string stateName) =>
        _states.Keys.Count(key => key.StartsWith(stateName + "/", StringComparison.Ordinal));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        BeforeRead(stateName);
        if (_states.TryGetValue(KeyOf(stateName, grainId), out var stored))
        {
            grainState.State = JsonSerializer.Deserialize<T>(stored.Json, ApiJson.Options)!;
            grainState.ETag = stored.Version.ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = true;
        }
        else
        {
            grainState.State = Initial.TryGetValue(stateName, out var initial)
                ? (T)initial : Activator.CreateInstance<T>();
            grainState.ETag = null!;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        BeforeWrite(stateName);
        var key = KeyOf(stateName, grainId);
        var json = JsonSerializer.SerializeToUtf8Bytes(grainState.State, ApiJson.Options);
        var expected = VersionOf(grainState.ETag);
        var isWritten = _states.TryGetValue(key, out var stored)
            ? stored.Version == expected && _states.TryUpdate(key, (json, expected + 1), stored)
            : expected == 0 && _states.TryAdd(key, (json, 1));
        Check(isWritten, key, grainState.ETag);
        AfterWrite(stateName);
        grainState.ETag = (expected + 1).ToString(CultureInfo.InvariantCulture);
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        BeforeWrite(stateName);
        var key = KeyOf(stateName, grainId);
        Check(
            _states.TryGetValue(key, out var stored) && stored.Version == VersionOf(grainState.ETag)
                && _states.TryRemove(KeyValuePair.Create(key, stored)),
            key, grainState.ETag);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    /// <summary>Changes all states of a name, as other activations of their grains would.</summary>
    public void Alter<T>(string stateName, Action<T> change)
    {
        foreach (var (key, stored) in _states.Where(
            state => state.Key.StartsWith(stateName + "/", StringComparison.Ordinal)))
        {
            var state = JsonSerializer.Deserialize<T>(stored.Json, ApiJson.Options)!;
            change(state);
            _states[key] = (JsonSerializer.SerializeToUtf8Bytes(state, ApiJson.Options), stored.Version + 1);
        }
    }

    private static string KeyOf(string stateName, GrainId grainId) => $"{stateName}/{grainId}";

    private static long VersionOf(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);

    private static void Check(bool isDone, string key, string? etag)
    {
        if (!isDone)
        {
            throw new InconsistentStateException($"State {key} has changed.", "another", etag ?? "none");
        }
    }
}
