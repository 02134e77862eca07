using Orleans.Configuration;
using Orleans.Hosting;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Silo.Persistence;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>The silos of this process are all there are: a loopback cluster, with its metadata in SQLite.</summary>
internal sealed class LocalCluster : IClusterProvider
{
    private const string StateFile = "state.sqlite";

    private readonly ClusterEndpoints _endpoints;
    private readonly SqliteStateStore _state;

    /// <summary>Keeps processes on one machine apart.</summary>
    private readonly string _clusterId = $"{ClusterEndpoints.ServiceId}-{Guid.NewGuid():n}";

    private LocalCluster(ClusterEndpoints endpoints, SqliteStateStore state) =>
        (_endpoints, _state) = (endpoints, state);

    /// <summary>On free ports.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The state cannot be opened.</exception>
    public static LocalCluster Open(SiloSettings settings) => new(
        ClusterEndpoints.Free(settings.Advertise, settings.Silos),
        SqliteStateStore.Open(Path.Combine(settings.Data, StateFile)));

    public void Configure(ISiloBuilder silo, string name, int index)
    {
        var (siloPort, gatewayPort) = _endpoints.Ports[index];
        silo.UseLocalhostClustering(
            siloPort, gatewayPort, _endpoints.SiloAt(0), ClusterEndpoints.ServiceId, _clusterId);
        silo.Configure<SiloOptions>(options => options.SiloName = name);
        silo.AddSqliteGrainStorage(StorageNames.Metadata, _state);
    }

    public void Configure(IClientBuilder client) => client.UseLocalhostClustering(
        [.. _endpoints.Ports.Select(ports => ports.Gateway)], ClusterEndpoints.ServiceId, _clusterId);

    public Task CheckAsync(IServiceProvider silo, string name, int index, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public Task ConfirmAsync(IServiceProvider silo, string name, int index, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public ValueTask DisposeAsync() => _state.DisposeAsync();
}
