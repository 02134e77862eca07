using System.Collections.Frozen;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Placement;

/// <summary>
/// Which silos take nothing new, as this silo knows it: the catalog tells each change, and is asked now and then, in
/// case that it could not.
/// </summary>
/// <param name="grains">The road to the catalog.</param>
/// <param name="time">The clock.</param>
internal sealed class Drains(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private volatile FrozenSet<string> _silos = FrozenSet<string>.Empty;
    private Task _asking = Task.CompletedTask;
    private long? _knownAt;
    private int _version;

    /// <summary>Whether a silo takes nothing new.</summary>
    public bool Contains(string name, SiloAddress address)
    {
        AskIfStale();
        var silos = _silos;
        return silos.Count > 0 && (silos.Contains(name) || silos.Contains(address.ToParsableString()));
    }

    /// <summary>The catalog tells which they are.</summary>
    public void Set(NodeDrains drains)
    {
        lock (_gate)
        {
            _silos = drains.Names.Concat(drains.Leaving).ToFrozenSet(StringComparer.Ordinal);
            _knownAt = time.GetTimestamp();
            _version++;
        }
    }

    /// <summary>Whoever places now need not wait for it: in doubt a silo that is to go gets a segment more.</summary>
    private void AskIfStale()
    {
        lock (_gate)
        {
            if (_asking.IsCompleted && (_knownAt is not { } known || time.GetElapsedTime(known) > GoodFor))
            {
                _knownAt = time.GetTimestamp();
                _asking = Task.Run(AskAsync);
            }
        }
    }

    private async Task AskAsync()
    {
        var version = Volatile.Read(ref _version);
        try
        {
            var drains = await grains.GetGrain<INodeCatalogGrain>(0).GetAsync(CancellationToken.None)
                .WaitAsync(AskTimeout, time).ConfigureAwait(false);
            if (version == Volatile.Read(ref _version))
            {
                Set(drains);
            }
        }
        catch (Exception error) when (error is OrleansException or TimeoutException or SnapshotGrainsException)
        {
            // What was known stands, and is good for another while.
        }
    }
}
