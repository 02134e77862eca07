using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>
/// The same payload from grains of another silo, tuned as our silos are; between silos, because a gateway knows only
/// one connection of a client.
/// </summary>
internal static class GrainSources
{
    private const int ConnectionsPerEndpoint = 4;

    /// <summary>The silo that has the grains: they are made before another one is there to have them.</summary>
    public static async Task<IAsyncDisposable> ServeAsync(int port, int segments)
    {
        var host = await StartAsync(port, port);
        for (var n = 0; n < segments; n++)
        {
            await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IPayloadGrain>(n).GetAsync();
        }

        return (IAsyncDisposable)host;
    }

    /// <summary>The silo of the reader, and what it reads from.</summary>
    public static async Task<IAsyncDisposable> ConnectAsync(int port, Dictionary<string, ISource> sources)
    {
        var host = await StartAsync(port + 2, port);
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        sources["grain"] = new GrainSource(grains, isPooled: false);
        sources["grain-pooled"] = new GrainSource(grains, isPooled: true);
        return (IAsyncDisposable)host;
    }

    private static async Task<IHost> StartAsync(int port, int primary)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(port, port + 1, new IPEndPoint(IPAddress.Loopback, primary))
            .Configure<ConnectionOptions>(options => options.ConnectionsPerEndpoint = ConnectionsPerEndpoint));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
