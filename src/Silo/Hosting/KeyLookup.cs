using Orleans;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Looks keys up in the cluster, for a key ring that is made before there is one.</summary>
internal sealed class KeyLookup(TimeProvider time)
{
    private volatile GrainControlPlane? _control;

    /// <summary>From now on there is somebody to ask.</summary>
    public void Connect(IGrainFactory grains) => _control = new GrainControlPlane(grains, time);

    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.SiloUnavailable"/>.</exception>
    public Task<KeyInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        _control?.FindKeyAsync(name, cancellationToken) ?? throw new SnapshotGrainsException(
            ErrorCode.SiloUnavailable, $"Key '{name}' cannot be looked up yet: the silos are starting; try again.");
}
