using System.Collections.Concurrent;
using Orleans;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Notes on which silo each batch clone's grain lives.</summary>
internal sealed class CallWatch(string silo, ConcurrentDictionary<string, string> homes) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is IBatchCloneGrain)
        {
            homes[context.TargetId.Key.ToString()!] = silo;
        }

        return context.Invoke();
    }
}
