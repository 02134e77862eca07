namespace SnapshotGrains.Nbd;

/// <summary>State of an extent in the metadata context base:allocation.</summary>
[Flags]
public enum NbdExtentFlags : uint
{
    /// <summary>Allocated, content unknown; always a safe answer.</summary>
    Data = 0,

    /// <summary>NBD_STATE_HOLE: not allocated.</summary>
    Hole = 1,

    /// <summary>NBD_STATE_ZERO: reads as zeroes.</summary>
    Zero = 2,
}
