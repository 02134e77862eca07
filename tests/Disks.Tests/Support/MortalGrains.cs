using System.Reflection;
using Orleans;

namespace SnapshotGrains.Disks.Tests;

/// <summary>The way from a home to the grains, which ends with the home's process.</summary>
internal class MortalGrains : DispatchProxy
{
    private IGrainFactory _grains = null!;
    private volatile bool _isDead;

    public static IGrainFactory Over(IGrainFactory grains)
    {
        var proxy = Create<IGrainFactory, MortalGrains>();
        ((MortalGrains)proxy)._grains = grains;
        return proxy;
    }

    /// <summary>From now on nothing that the home says reaches a grain.</summary>
    public static void Kill(IGrainFactory proxy) => ((MortalGrains)proxy)._isDead = true;

    protected override object? Invoke(MethodInfo? method, object?[]? args) => _isDead
        ? throw new SnapshotGrainsException(ErrorCode.SiloUnavailable, "The process is dead.")
        : method!.Invoke(_grains, args);
}
