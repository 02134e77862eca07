namespace Orleans.Runtime;

/// <summary>The cluster's state, as a grain with key 0.</summary>
public interface IManagementGrain : IGrainWithIntegerKey
{
    /// <summary>The silos and their states.</summary>
    Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false);

    /// <summary>The silos with names and times.</summary>
    Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false);

    /// <summary>Activations in the cluster.</summary>
    Task<int> GetTotalActivationCount();

    /// <summary>Deactivates what has been idle for this long, on every silo.</summary>
    Task ForceActivationCollection(TimeSpan ageLimit);
}
