using Orleans.Hosting;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>Where the silos of this process find others, and keep the grains' state.</summary>
internal interface IClusterProvider : IAsyncDisposable
{
    /// <summary>Gives a silo of this process its name, its addresses, membership and grain storage.</summary>
    void Configure(ISiloBuilder silo, string name, int index);

    /// <summary>Lets a client talk to the silos of this process.</summary>
    void Configure(IClientBuilder client);

    /// <summary>Makes sure, before a silo starts, that it may join.</summary>
    /// <param name="silo">The services of the silo that was built.</param>
    /// <param name="name">Its name.</param>
    /// <param name="index">Which one of this process it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException">Another one has its name or its port, or membership cannot be read.
    /// </exception>
    Task CheckAsync(IServiceProvider silo, string name, int index, CancellationToken cancellationToken);

    /// <summary>Makes sure, after a silo has joined, that no other of its name did at the same time.</summary>
    /// <param name="silo">The services of the silo that has started.</param>
    /// <param name="name">Its name.</param>
    /// <param name="index">Which one of this process it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException">Another one has its name, and one of the two must go.</exception>
    Task ConfirmAsync(IServiceProvider silo, string name, int index, CancellationToken cancellationToken);
}
