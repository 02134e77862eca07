using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains.Grains.Batches;

/// <summary>
/// How far a batch clone is; written after each chunk, so it holds a cursor and the failures and nothing per disk
/// that went well.
/// </summary>
[GenerateSerializer, Alias("snapgrains.BatchProgress")]
public sealed class BatchProgress
{
    /// <summary>Failures whose reason is kept; of further ones only the disk is.</summary>
    public const int MaxReasons = 1000;

    /// <summary>Where it is in its life.</summary>
    [Id(0)]
    public BatchCloneState State { get; set; }

    /// <summary>The first shard of the disk catalog whose disks have not been dealt with.</summary>
    [Id(1)]
    public int NextShard { get; set; }

    /// <summary>Disks that are there.</summary>
    [Id(2)]
    public int Created { get; set; }

    /// <summary>Why disks could not be created, by index; empty where the reason was not kept.</summary>
    [Id(3)]
    public Dictionary<int, string> Failures { get; set; } = [];

    /// <summary>Whether to stop before the next chunk.</summary>
    [Id(4)]
    public bool IsCancelRequested { get; set; }

    /// <summary>When it ended.</summary>
    [Id(5)]
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>What ended it before every disk had its turn.</summary>
    [Id(6)]
    public string? Problem { get; set; }

    /// <summary>A copy to change: what is not written must not be seen.</summary>
    internal BatchProgress Copy()
    {
        var copy = (BatchProgress)MemberwiseClone();
        copy.Failures = new(Failures);
        return copy;
    }

    /// <summary>Takes a chunk's outcome in.</summary>
    /// <param name="nextShard">Where the next chunk starts.</param>
    /// <param name="disks">Disks in the chunk.</param>
    /// <param name="failures">Those that failed.</param>
    internal void Advance(int nextShard, int disks, ImmutableArray<BatchFailure> failures)
    {
        NextShard = nextShard;
        Created += disks - failures.Length;
        foreach (var failure in failures)
        {
            Failures[failure.Index] = Failures.Count < MaxReasons ? failure.Problem : "";
        }
    }

    internal void End(BatchCloneState state, DateTimeOffset now, string? problem = null)
    {
        State = state;
        EndedAt = now;
        Problem = problem;
    }
}
