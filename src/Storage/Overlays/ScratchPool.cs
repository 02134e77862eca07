namespace SnapshotGrains.Storage;

/// <summary>Keeps a few scratch objects, so that writes allocate nothing.</summary>
internal sealed class ScratchPool
{
    private const int MaxRunsKept = 4096;
    private readonly WriteScratch?[] _free = new WriteScratch?[8];

    public WriteScratch Rent()
    {
        foreach (ref var place in _free.AsSpan())
        {
            if (place is not null && Interlocked.Exchange(ref place, null) is { } scratch)
            {
                return scratch;
            }
        }

        return new WriteScratch();
    }

    public void Return(WriteScratch scratch)
    {
        if (scratch.Runs.Capacity > MaxRunsKept)
        {
            return;
        }

        foreach (ref var place in _free.AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, scratch, null) is null)
            {
                return;
            }
        }
    }
}
