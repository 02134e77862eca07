using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SnapshotGrains.Engine.Tests.Cluster;

/// <summary>One silo of a <see cref="TestCluster"/>.</summary>
public sealed class TestSilo(IHost host, int siloPort, int gatewayPort) : IDisposable
{
    public IHost Host => host;

    public int SiloPort => siloPort;

    public int GatewayPort => gatewayPort;

    public bool IsStopped { get; private set; }

    public IGrainFactory Factory => host.Services.GetRequiredService<IGrainFactory>();

    public SiloAddress Address { get; } = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public string Name { get; } = host.Services.GetRequiredService<ILocalSiloDetails>().Name;

    /// <summary>Stops with a drain.</summary>
    public async Task StopAsync()
    {
        IsStopped = true;
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));
        host.Dispose();
    }

    /// <summary>Stops without one, as a crash would.</summary>
    public async Task KillAsync()
    {
        IsStopped = true;
        await host.StopAsync(new CancellationToken(canceled: true)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Throws the host away without stopping it.</summary>
    public void Dispose()
    {
        IsStopped = true;
        host.Dispose();
    }
}
