using System.Collections.Immutable;

namespace SnapshotGrains.Client;

/// <content>Traces.</content>
public sealed partial class GrainControlPlane : ITracePlane
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<TraceInfo>> ListTracesAsync(
        SnapshotId snapshot, CancellationToken cancellationToken) =>
        await RepeatAsync(() => TracesOf(snapshot).ListAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<ReadOnlyMemory<byte>?> FindTraceAsync(TraceName name, CancellationToken cancellationToken)
    {
        var trace = await RepeatAsync(
            () => TracesOf(name.Snapshot).FindAsync(name.Profile, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return trace.IsDefaultOrEmpty ? null : trace.AsMemory();
    }

    /// <inheritdoc />
    public Task RecordTraceAsync(TraceName name, ReadOnlyMemory<byte> run, CancellationToken cancellationToken) =>
        OnceAsync(() => TracesOf(name.Snapshot).RecordAsync(
            name.Profile, run.Span.ToImmutableArray(), cancellationToken));

    /// <inheritdoc />
    public Task<TraceInfo> ImportTraceAsync(
        TraceName name, ReadOnlyMemory<byte> trace, CancellationToken cancellationToken) =>
        RepeatAsync(
            () => TracesOf(name.Snapshot).ImportAsync(
                name.Profile, trace.Span.ToImmutableArray(), cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public async Task DeleteTraceAsync(TraceName name, CancellationToken cancellationToken)
    {
        var isThere = await GrainCalls.OnceAsync(
            () => TracesOf(name.Snapshot).RemoveAsync(name.Profile, cancellationToken)).ConfigureAwait(false);
        _ = isThere ? isThere : throw TraceErrors.NoSuchTrace(name);
    }

    private static Task OnceAsync(Func<Task> call) => GrainCalls.OnceAsync(async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    });

    private ITraceGrain TracesOf(SnapshotId snapshot) => grains.GetGrain<ITraceGrain>(snapshot.ToString());
}
