using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using SnapshotGrains.InProcess.Cluster;

namespace SnapshotGrains.InProcess.Storage;

/// <summary>Keeps copies of states in memory, for as long as the cluster has a silo.</summary>
internal sealed class MemoryStore : IGrainStorage
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, GrainId Grain), (string ETag, object? State)> _records = [];
    private long _version;

    public static IGrainStorage Create(IServiceProvider services, string name) =>
        services.GetRequiredService<Silo>().Cluster.MemoryStore(name);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        (string ETag, object? State) record;
        lock (_lock)
        {
            grainState.RecordExists = _records.TryGetValue((stateName, grainId), out record);
        }

        grainState.State = (T?)StateCopier.Copy(record.State);
        grainState.ETag = record.ETag;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var copy = StateCopier.Copy(grainState.State);
        lock (_lock)
        {
            CheckVersion(stateName, grainId, grainState.ETag);
            grainState.ETag = (++_version).ToString(CultureInfo.InvariantCulture);
            _records[(stateName, grainId)] = (grainState.ETag, copy);
        }

        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_lock)
        {
            CheckVersion(stateName, grainId, grainState.ETag);
            _records.Remove((stateName, grainId));
        }

        grainState.State = default;
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private void CheckVersion(string stateName, GrainId grainId, string? current)
    {
        var stored = _records.TryGetValue((stateName, grainId), out var record) ? record.ETag : null;
        if (stored != current)
        {
            throw new InconsistentStateException(
                $"Version conflict: state {stateName} of grain {grainId} has ETag {stored ?? "null"}, "
                + $"not {current ?? "null"}.",
                stored,
                current);
        }
    }
}
