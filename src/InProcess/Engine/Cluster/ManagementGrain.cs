using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Cluster;

/// <inheritdoc />
[Reentrant]
[PreferLocalPlacement]
internal sealed class ManagementGrain : Grain, IManagementGrain
{
    public Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        Task.FromResult(Members(onlyActive).ToDictionary(silo => silo.Address, silo => silo.Status));

    public Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false) => Task.FromResult(Members(onlyActive)
        .Select(silo => new MembershipEntry
        {
            SiloAddress = silo.Address,
            Status = silo.Status,
            ProxyPort = silo.GatewayAddress.Endpoint.Port,
            HostName = silo.DnsHostName,
            SiloName = silo.Name,
            StartTime = silo.Started.UtcDateTime,
        })
        .ToArray());

    public Task<int> GetTotalActivationCount() =>
        Task.FromResult(Members(true).Sum(silo => silo.ActivationCount));

    public Task ForceActivationCollection(TimeSpan ageLimit)
    {
        foreach (var silo in Members(true))
        {
            silo.Collect(ageLimit);
        }

        return Task.CompletedTask;
    }

    private IEnumerable<Silo> Members(bool onlyActive) => ((Activation)GrainContext).Silo.Cluster.Members
        .Where(silo => !onlyActive || silo.Status == SiloStatus.Active);
}
