using System.Reflection;
using Orleans;

namespace SnapshotGrains.Silo.Tests.Recovery;

/// <summary>The way to the grains, on which those of disks are not found for some time.</summary>
internal class RefusingGrains : DispatchProxy
{
    private IGrainFactory _grains = null!;
    private int _asked;
    private int _refusals;

    /// <summary>How often a disk's grain was asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static (IGrainFactory Grains, RefusingGrains Road) Over(IGrainFactory grains, int refusals)
    {
        var proxy = Create<IGrainFactory, RefusingGrains>();
        var road = (RefusingGrains)proxy;
        (road._grains, road._refusals) = (grains, refusals);
        return (proxy, road);
    }

    protected override object? Invoke(MethodInfo? method, object?[]? args) =>
        method!.GetGenericArguments()[0] == typeof(IDiskGrain) && Interlocked.Increment(ref _asked) <= _refusals
            ? throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "Not now.")
            : method.Invoke(_grains, args);
}
