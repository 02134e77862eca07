using System.Collections.Concurrent;

namespace SnapshotGrains.Engine.Tests.Cluster;

/// <summary>Leaves a weak reference to each of its activations.</summary>
public sealed class GarbageGrain : Grain, IGarbageGrain
{
    private static readonly ConcurrentBag<WeakReference> Activations = [];

    public GarbageGrain() => Activations.Add(new(TaskScheduler.Current));

    public static WeakReference[] TakeAll() => [.. Activations];

    public async Task TouchAsync()
    {
        this.RegisterGrainTimer(
            static _ => Task.CompletedTask,
            new GrainTimerCreationOptions(TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        await Task.Yield();
    }
}
