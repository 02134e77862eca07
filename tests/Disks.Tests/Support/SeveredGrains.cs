using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Disks.Tests;

/// <summary>The way from a node to the cluster: to its database, which lists the silos, and to other nodes.</summary>
internal class SeveredGrains : DispatchProxy
{
    private IGrainFactory _grains = null!;

    /// <summary>Whether silos can be listed.</summary>
    public bool HasDatabase { get; set; } = true;

    /// <summary>Whether nodes answer.</summary>
    public bool HasNodes { get; set; } = true;

    public static (IGrainFactory Grains, SeveredGrains Road) Over(IGrainFactory grains)
    {
        var proxy = Create<IGrainFactory, SeveredGrains>();
        var road = (SeveredGrains)proxy;
        road._grains = grains;
        return (proxy, road);
    }

    protected override object? Invoke(MethodInfo? method, object?[]? args)
    {
        var isOpen = method!.GetGenericArguments()[0] == typeof(IManagementGrain) ? HasDatabase : HasNodes;
        return isOpen
            ? method.Invoke(_grains, args)
            : throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "The way is cut.");
    }
}
