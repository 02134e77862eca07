using System.Text.Json.Serialization;

namespace SnapshotGrains.Cli.Demo;

/// <summary>What the demo found; what <c>demo --json</c> prints.</summary>
internal sealed record DemoResult
{
    /// <summary>The grain engine.</summary>
    public required string Engine { get; init; }

    /// <summary>Seconds from start to finish.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>The imported image.</summary>
    public required ImageInfo Image { get; init; }

    /// <summary>Disks cloned.</summary>
    public required int Clones { get; init; }

    /// <summary>Seconds that cloning took.</summary>
    public required double CloneSeconds { get; init; }

    /// <summary>Guests.</summary>
    public required int Readers { get; init; }

    /// <summary>The silo that was killed; null where there was only one.</summary>
    public required string? KilledSilo { get; init; }

    /// <summary>Until the kill.</summary>
    public required OriginCount BeforeKill { get; init; }

    /// <summary>From start to finish.</summary>
    public required OriginCount Total { get; init; }

    /// <summary>The most that <see cref="Total"/> may come to, as amplification.</summary>
    public required double AmplificationLimit { get; init; }

    /// <summary>Reads that touched a segment nobody had read before, until the kill.</summary>
    public required LatencyCount Cold { get; init; }

    /// <summary>All other reads until the kill.</summary>
    public required LatencyCount Warm { get; init; }

    /// <summary>Every read after the kill.</summary>
    public required LatencyCount AfterKill { get; init; }

    /// <summary>The silos.</summary>
    public required IReadOnlyList<SiloCount> Silos { get; init; }

    /// <summary>Reads that failed.</summary>
    public required long ReadErrors { get; init; }

    /// <summary>Reads with other bytes than the image file's.</summary>
    public required long WrongReads { get; init; }

    /// <summary>The promises that were not kept, one sentence each.</summary>
    public IReadOnlyList<string> BrokenPromises => [.. Promises().OfType<string>()];

    /// <summary>All reads.</summary>
    [JsonIgnore]
    public int Reads => Cold.Reads + Warm.Reads + AfterKill.Reads;

    private IEnumerable<string?> Promises()
    {
        var before = Math.Round(BeforeKill.Amplification, 2);
        yield return before == 1.00 ? null : $"origin amplification before the kill is {before:0.00}, not 1.00";
        yield return Total.Amplification <= AmplificationLimit
            ? null
            : $"origin amplification is {Total.Amplification:0.00}, more than {AmplificationLimit:0.00}";
        yield return ReadErrors == 0 ? null : $"{ReadErrors} reads failed";
        yield return WrongReads == 0 ? null : $"{WrongReads} reads had other bytes than the image file";
        yield return Total.BytesServed > 0 ? null : "nothing was read";
    }
}
