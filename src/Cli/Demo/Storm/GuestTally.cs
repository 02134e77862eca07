namespace SnapshotGrains.Cli.Demo;

/// <summary>What guests read and how it went. Not thread-safe: each guest has its own, merged at the end.</summary>
internal sealed class GuestTally
{
    /// <summary>Bytes read and found right.</summary>
    public long BytesServed { get; set; }

    /// <summary>Reads that were refused or lost their connection.</summary>
    public long ReadErrors { get; set; }

    /// <summary>Reads whose bytes are not the image's.</summary>
    public long WrongReads { get; set; }

    /// <summary>Reads that touched a segment nobody had read before, until the silo was killed.</summary>
    public Latencies Cold { get; } = new();

    /// <summary>All other reads until then.</summary>
    public Latencies Warm { get; } = new();

    /// <summary>Every read afterwards.</summary>
    public Latencies AfterKill { get; } = new();

    /// <summary>Adds another's.</summary>
    public void Add(GuestTally other)
    {
        BytesServed += other.BytesServed;
        ReadErrors += other.ReadErrors;
        WrongReads += other.WrongReads;
        Cold.Add(other.Cold);
        Warm.Add(other.Warm);
        AfterKill.Add(other.AfterKill);
    }
}
