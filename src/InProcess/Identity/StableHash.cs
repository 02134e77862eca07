namespace Orleans.Runtime;

/// <summary>FNV-1a with a final mix: the same in every process, and spread enough for hash tables.</summary>
internal static class StableHash
{
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var hash = 2166136261u;
        foreach (var value in data)
        {
            hash = (hash ^ value) * 16777619u;
        }

        hash ^= hash >> 16;
        hash *= 0x85ebca6bu;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35u;
        return hash ^ (hash >> 16);
    }
}
