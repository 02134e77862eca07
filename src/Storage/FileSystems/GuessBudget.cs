namespace SnapshotGrains.Storage;

/// <summary>
/// What looking for a guess may cost, whatever the image says: nobody knows what is on it. Bytes, reads, and stretches
/// of a MiB that are read at all, each of which may have to be fetched.
/// </summary>
internal sealed class GuessBudget
{
    private const int MaxReads = 4096;
    private const long MaxBytes = 16L << 20;
    private const int MaxStretches = 64;
    private const int StretchShift = 20;

    /// <summary>Entries of tables that are followed, and stretches of files that are noted.</summary>
    private const int MaxSteps = 128 << 10;

    private readonly HashSet<long> _stretches = [];
    private int _reads;
    private long _bytes;
    private int _steps;

    /// <summary>Pays for what takes memory or time, but no read.</summary>
    /// <exception cref="NoGuessException">It was too much.</exception>
    public void Step()
    {
        if (++_steps > MaxSteps)
        {
            throw new NoGuessException("it is too long-winded to look at");
        }
    }

    /// <summary>Pays for a read.</summary>
    /// <exception cref="NoGuessException">It was too much.</exception>
    public void Spend(long offset, int length)
    {
        _reads++;
        _bytes += length;
        for (var stretch = offset >> StretchShift; stretch <= (offset + length - 1) >> StretchShift; stretch++)
        {
            _stretches.Add(stretch);
        }

        if (_reads > MaxReads || _bytes > MaxBytes || _stretches.Count > MaxStretches)
        {
            throw new NoGuessException("it takes too long to look at");
        }
    }
}
