using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Hosting;
using Orleans.Storage;
using SnapshotGrains.Grains.Disks;
using SnapshotGrains.Grains.Records;
using SnapshotGrains.Silo.Hosting;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>A silo without our grains, for its grain storage.</summary>
internal sealed class StorageHost : IAsyncDisposable
{
    private readonly IClusterProvider _cluster;
    private readonly IHost _host;

    private StorageHost(IClusterProvider cluster, IHost host) => (_cluster, _host) = (cluster, host);

    public IGrainStorage Storage => _host.Services.GetRequiredKeyedService<IGrainStorage>(StorageNames.Metadata);

    public static async Task<StorageHost> StartAsync(Membership membership, string connection)
    {
        var ports = FreePorts.Take(2);
        var settings = new SiloSettings
        {
            ImageCenter = "",
            Membership = membership,
            ConnectionString = ConnectionSource.Parse(connection),
            SiloPort = ports[0],
            GatewayPort = ports[1],
        };
        var cluster = await GrainEngine.OpenClusterAsync(
            settings, NullLoggerFactory.Instance, CancellationToken.None);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.UseOrleans(silo => cluster.Configure(silo, "storage-0", 0));
        var host = builder.Build();
        await host.StartAsync();
        return new StorageHost(cluster, host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _cluster.DisposeAsync();
    }
}
