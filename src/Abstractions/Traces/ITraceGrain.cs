using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// The traces of one snapshot: merges what its clones touched first, and serves it for later ones. Key:
/// <c>name@snap</c>. Traces travel encoded (docs/FORMATS.md).
/// </summary>
[Alias("snapgrains.ITraceGrain")]
public interface ITraceGrain : IGrainWithStringKey
{
    /// <summary>Most profiles of a snapshot.</summary>
    const int MaxProfiles = 16;

    /// <summary>All traces of the snapshot, by profile.</summary>
    [Alias("List")]
    Task<ImmutableArray<TraceInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What the runs have in common; empty when there is no such trace.</summary>
    [Alias("Find")]
    Task<ImmutableArray<byte>> FindAsync(string profile, CancellationToken cancellationToken);

    /// <summary>Adds what a clone touched first. A run that is no start of a guest is left out.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: it is damaged or not of this
    /// snapshot; <see cref="ErrorCode.NotFound"/>: there is no such snapshot; <see cref="ErrorCode.NoSpace"/>: there
    /// are <see cref="MaxProfiles"/> other profiles.</exception>
    [Alias("Record")]
    Task RecordAsync(string profile, ImmutableArray<byte> run, CancellationToken cancellationToken);

    /// <summary>Replaces a trace by one from elsewhere; runs of clones add to it.</summary>
    /// <exception cref="SnapshotGrainsException">As <see cref="RecordAsync"/>.</exception>
    [Alias("Import")]
    Task<TraceInfo> ImportAsync(string profile, ImmutableArray<byte> trace, CancellationToken cancellationToken);

    /// <summary>Forgets a trace.</summary>
    /// <returns>False when there was none.</returns>
    [Alias("Remove")]
    Task<bool> RemoveAsync(string profile, CancellationToken cancellationToken);

    /// <summary>Forgets all: the snapshot is being deleted.</summary>
    [Alias("Clear")]
    Task ClearAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Begins to load a trace's segments into the caches of the silos that own them, before anybody asks: all of a
    /// trace that was right the last time, else only its first segments. Does not wait.
    /// </summary>
    [Alias("Preload")]
    Task PreloadAsync(string profile, CancellationToken cancellationToken);
}
