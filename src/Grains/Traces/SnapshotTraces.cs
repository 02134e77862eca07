using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace SnapshotGrains.Grains.Traces;

/// <summary>What a snapshot's grain asks of its traces. They only make things faster; nothing fails with them.
/// </summary>
/// <param name="grains">Where the grains are.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where events go.</param>
internal sealed partial class SnapshotTraces(IGrainFactory grains, TimeProvider time, ILogger<SnapshotTraces> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns a profile that clones can have.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>.</exception>
    public static string? Check(string? profile) =>
        profile is null or TraceName.NoProfile ? profile : TraceName.CheckProfile(profile);

    /// <summary>Has the silos load what new clones will ask for.</summary>
    public async Task PreloadAsync(SnapshotId snapshot, string? profile, CancellationToken cancellationToken)
    {
        if (profile == TraceName.NoProfile)
        {
            return;
        }

        try
        {
            await Of(snapshot).PreloadAsync(profile ?? TraceName.DefaultProfile, cancellationToken)
                .WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception error) when (IsPassing(error))
        {
            LogNotPreloaded(snapshot, error.Message);
        }
    }

    /// <summary>Forgets the traces of a snapshot that is gone.</summary>
    public async Task ClearAsync(SnapshotId snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await Of(snapshot).ClearAsync(cancellationToken);
        }
        catch (Exception error) when (IsPassing(error))
        {
            // A later image of the name finds them; they cost it a few segments, and give way to its own.
            LogNotCleared(snapshot, error.Message);
        }
    }

    private ITraceGrain Of(SnapshotId snapshot) => grains.GetGrain<ITraceGrain>(snapshot.ToString());

    private static bool IsPassing(Exception error) =>
        error is OrleansException or TimeoutException or SnapshotGrainsException;

    [LoggerMessage(1603, LogLevel.Information, "Nothing is loaded ahead for clones of {Snapshot}: {Why}")]
    private partial void LogNotPreloaded(SnapshotId snapshot, string why);

    [LoggerMessage(1604, LogLevel.Warning, "The traces of {Snapshot}, which is deleted, stay: {Why}")]
    private partial void LogNotCleared(SnapshotId snapshot, string why);
}
