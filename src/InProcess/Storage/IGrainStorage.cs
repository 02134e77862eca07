using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>A store of grains' state, registered by name.</summary>
public interface IGrainStorage
{
    /// <summary>Reads the state and its ETag into <paramref name="grainState"/>.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Writes the state if the stored ETag is still the one in <paramref name="grainState"/>.</summary>
    /// <exception cref="InconsistentStateException">It is not.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Removes the state if the stored ETag is still the one in <paramref name="grainState"/>.</summary>
    /// <exception cref="InconsistentStateException">It is not.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
