namespace SnapshotGrains.Cli.Demo;

/// <summary>What was read and what it cost the image center, up to one moment.</summary>
/// <param name="BytesServed">Bytes that the guests read.</param>
/// <param name="BytesNeeded">Bytes of the distinct segments among them: what had to be fetched once.</param>
/// <param name="BytesFetched">Bytes that the silos fetched, the dead one's included.</param>
internal sealed record OriginCount(long BytesServed, long BytesNeeded, long BytesFetched)
{
    /// <summary>Bytes fetched ÷ bytes needed.</summary>
    public double Amplification => BytesNeeded == 0 ? 0 : Math.Round((double)BytesFetched / BytesNeeded, 4);
}
