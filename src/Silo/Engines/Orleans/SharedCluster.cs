using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace SnapshotGrains.Silo.Hosting;

/// <summary>A cluster of silos of several processes: what does not depend on where they meet.</summary>
internal abstract class SharedCluster(SiloSettings settings) : IClusterProvider
{
    private readonly ClusterEndpoints _endpoints = ClusterEndpoints.Of(settings);

    public void Configure(ISiloBuilder silo, string name, int index)
    {
        var (siloPort, gatewayPort) = _endpoints.Ports[index];
        silo.Configure<ClusterOptions>(Identify);
        silo.Configure<SiloOptions>(options => options.SiloName = name);
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = _endpoints.Address;
            (options.SiloPort, options.GatewayPort) = (siloPort, gatewayPort);
            options.SiloListeningEndpoint = new IPEndPoint(_endpoints.Listening, siloPort);
            options.GatewayListeningEndpoint = new IPEndPoint(_endpoints.Listening, gatewayPort);
        });
        UseMembership(silo);
        UseStorage(silo);
    }

    public void Configure(IClientBuilder client)
    {
        client.UseStaticClustering(_endpoints.Gateways);
        client.Configure<ClusterOptions>(Identify);
    }

    public async Task CheckAsync(IServiceProvider silo, string name, int index, CancellationToken cancellationToken)
    {
        CheckPort(_endpoints.Ports[index].Silo, nameof(SiloSettings.SiloPort));
        CheckPort(_endpoints.Ports[index].Gateway, nameof(SiloSettings.GatewayPort));
        await silo.GetRequiredService<IMembershipTable>().InitializeMembershipTableAsync(true, cancellationToken)
            .ConfigureAwait(false);
        await ConfirmAsync(silo, name, index, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Each writes that it is there before it looks, so of two at the same time one at least finds the other.
    /// </summary>
    public async Task ConfirmAsync(IServiceProvider silo, string name, int index, CancellationToken cancellationToken)
    {
        var members = await silo.GetRequiredService<IMembershipTable>().ReadAllAsync(cancellationToken)
            .ConfigureAwait(false);
        var allowedSilence = silo.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
        CheckName(name, _endpoints.SiloAt(index), members.Members.Select(member => member.Item1), allowedSilence);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Lets the silo find the others.</summary>
    protected abstract void UseMembership(ISiloBuilder silo);

    /// <summary>Lets the silo's grains keep their state.</summary>
    protected abstract void UseStorage(ISiloBuilder silo);

    private void Identify(ClusterOptions options) =>
        (options.ClusterId, options.ServiceId) = (settings.Cluster, ClusterEndpoints.ServiceId);

    /// <summary>Says it in a sentence, before the engine says it in a stack trace.</summary>
    private void CheckPort(int port, string setting)
    {
        try
        {
            using var listener = new TcpListener(_endpoints.Listening, port);
            listener.Start();
        }
        catch (SocketException error)
        {
            throw new SiloConfigurationException(
            [
                $"Setting {SiloSettings.Section}:{setting}: a silo of this process cannot listen at "
                + $"{_endpoints.Listening}, port {port}: {error.Message}; choose another, or stop what has it.",
            ]);
        }
    }

    /// <summary>
    /// A predecessor on the same address is gone, since this silo has its port; Orleans replaces it. One elsewhere that
    /// still gives signs of life is another node with the same name, and nobody could tell the two apart.
    /// </summary>
    private void CheckName(
        string name, IPEndPoint here, IEnumerable<MembershipEntry> members, ClusterMembershipOptions options)
    {
        var silence = options.IAmAliveTablePublishTimeout * options.NumMissedTableIAmAliveLimit;
        var lastSign = TimeProvider.System.GetUtcNow().UtcDateTime - silence;
        var other = members.FirstOrDefault(member => member.SiloName == name
            && member.Status == SiloStatus.Active
            && member.IAmAliveTime > lastSign
            && !member.SiloAddress.Endpoint.Equals(here));
        if (other is not null)
        {
            throw new SnapshotGrainsException(
                ErrorCode.AlreadyExists,
                $"Cluster '{settings.Cluster}' has a silo '{name}' at {other.SiloAddress.Endpoint} already. Give this "
                + "node another name with --node-name (setting NodeName); if it is the same node that has moved, try "
                + $"again {silence.TotalSeconds:0} seconds after its end.");
        }
    }
}
