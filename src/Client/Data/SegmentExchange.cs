using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The segment caches of the silos in this process, by silo name. A reader in the same process takes bytes from
/// them by reference: no copy, no grain call.
/// </summary>
public sealed class SegmentExchange
{
    private readonly ConcurrentDictionary<string, SegmentHandOver> _silos = new(StringComparer.Ordinal);

    /// <summary>A silo opens its cache to the readers of this process.</summary>
    public void Join(string silo, SegmentHandOver cache) => _silos[silo] = cache;

    /// <summary>A silo closes its cache, if it is still the one that <paramref name="silo"/> names.</summary>
    public void Leave(string silo, SegmentHandOver cache) => _silos.TryRemove(new(silo, cache));

    /// <summary>Leases a segment from whichever silo of this process has it resident.</summary>
    public bool TryTake(in Digest digest, [NotNullWhen(true)] out SegmentBuffer? segment)
    {
        foreach (var (_, silo) in _silos)
        {
            if (silo.TryTake(digest, out segment))
            {
                return true;
            }
        }

        segment = null;
        return false;
    }

    /// <summary>Has whichever silo of this process gets the segment give it to the claim's owner, who disposes it.
    /// </summary>
    public SegmentClaim Claim(in Digest digest) => new(digest, [.. _silos.Values]);

    /// <summary>The cache of the silo of that name, or null when it is not in this process.</summary>
    public SegmentHandOver? Find(string silo) => _silos.GetValueOrDefault(silo);
}
