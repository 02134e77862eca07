namespace SnapshotGrains.Storage;

/// <summary>
/// Why the overlay no longer needs the parent for a block. A block has the source by which it first left the parent;
/// what is written to it later changes nothing. The values are part of the format.
/// </summary>
public enum OverlaySource
{
    /// <summary>A guest read it, and what was fetched for that was kept.</summary>
    GuestRead = 0,

    /// <summary>It was fetched because a guest was expected to read it.</summary>
    Prefetched = 1,

    /// <summary>It was fetched in the background.</summary>
    Hydrated = 2,

    /// <summary>A guest wrote to it, or zeroed a part of it.</summary>
    Overwritten = 3,

    /// <summary>A guest zeroed or trimmed it whole, or the disk grew by it.</summary>
    Trimmed = 4,

    /// <summary>It came from the parent, by whatever way, and was all zero.</summary>
    Zero = 5,
}
