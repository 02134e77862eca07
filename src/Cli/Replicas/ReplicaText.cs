using System.Globalization;
using SnapshotGrains.Cli.Output;
using SnapshotGrains.Cli.Parsing;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Replicas;

/// <summary>How derived replicas are put in words.</summary>
internal static class ReplicaText
{
    /// <summary>A replica as the verbs take it: <c>golden@v1 1M/64K/4 tenant-a</c>.</summary>
    public static string NameOf(ReplicaName replica) => $"{replica.Snapshot} {FormatOf(replica.Format)} {replica.Key}";

    /// <summary>As the other.</summary>
    public static string NameOf(ReplicaInfo replica) => NameOf(ReplicaName.Of(replica.Id));

    /// <summary>A stripe format: segment size, stripe unit and stripe count, as <c>1M/64K/4</c>.</summary>
    public static string FormatOf(StripeFormat format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ByteSize.Format(format.SegmentSizeBytes)}/{ByteSize.Format(format.StripeUnitBytes)}/{format.StripeCount}");

    /// <summary>When its segments are made, in the word that the options use.</summary>
    public static string BuildOf(ReplicaInfo replica) => replica.Build.ToString().ToLowerInvariant();

    /// <summary>Where it is in its life.</summary>
    public static string StateOf(ReplicaInfo replica) => replica.State.ToString().ToLowerInvariant();

    /// <summary>How far its build is, as <c>412 of 1 024 segments made, 206 MiB/s, 3.0 s left</c>.</summary>
    public static WorkState ProgressOf(ReplicaInfo replica)
    {
        var isMade = replica.BuiltSegments >= replica.Segments;
        var text = isMade
            ? $"{Shares.Count(replica.VerifiedSegments)} of {Shares.Count(replica.SourceSegments)} segments verified"
            : $"{Shares.Count(replica.BuiltSegments)} of {Shares.Count(replica.Segments)} segments made";
        return new WorkState(
            replica.Fraction,
            text + (replica.Problem is { } problem ? $" ({problem})" : PaceOf(replica)));
    }

    /// <summary>What <c>create</c> says.</summary>
    public static string SentenceOf(ReplicaInfo replica, TimeSpan took) => replica.State switch
    {
        ReplicaState.Building =>
            $"{NameOf(replica)} is being built; 'snapgrains replica info {NameOf(replica)}' shows it.",
        ReplicaState.Ready =>
            $"{NameOf(replica)} is ready: {Shares.Count(replica.BuiltSegments)} segments, "
            + $"{ByteSize.Approximate(replica.BuiltBytes)}, verified, in {DurationText.Format(took)}.",
        ReplicaState.Failed => $"{NameOf(replica)} has failed: {replica.Problem}",
        _ => $"{NameOf(replica)} is there; its segments are made when they are first read"
            + (replica.IsKept ? ", and kept." : "."),
    };

    private static string PaceOf(ReplicaInfo replica) => replica is { BytesPerSecond: > 0, EtaSeconds: { } left }
        ? $", {ByteSize.Approximate((long)replica.BytesPerSecond)}/s, "
            + $"{DurationText.Format(TimeSpan.FromSeconds(Math.Min(left, 1e9)))} left"
        : "";
}
