namespace SnapshotGrains.Client;

/// <summary>Traces of snapshots, by grain calls or over HTTP. They travel encoded (docs/FORMATS.md).</summary>
/// <remarks>Every call throws <see cref="SnapshotGrainsException"/> with the code of what failed.</remarks>
public interface ITracePlane
{
    /// <summary>All traces of a snapshot, by profile.</summary>
    Task<IReadOnlyList<TraceInfo>> ListTracesAsync(SnapshotId snapshot, CancellationToken cancellationToken);

    /// <summary>A trace; null when there is none of that name.</summary>
    Task<ReadOnlyMemory<byte>?> FindTraceAsync(TraceName name, CancellationToken cancellationToken);

    /// <summary>Adds what a clone touched first.</summary>
    Task RecordTraceAsync(TraceName name, ReadOnlyMemory<byte> run, CancellationToken cancellationToken);

    /// <summary>Replaces a trace by one from elsewhere.</summary>
    Task<TraceInfo> ImportTraceAsync(
        TraceName name, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken);

    /// <summary>Forgets a trace.</summary>
    Task DeleteTraceAsync(TraceName name, CancellationToken cancellationToken);
}
