namespace SnapshotGrains.Storage;

/// <summary>What an item of a map page says; the values are part of the format.</summary>
internal enum MapItemKind : byte
{
    /// <summary>A run of blocks, each with its slot and checksum.</summary>
    Data = 1,

    /// <summary>A run of blocks that are zero.</summary>
    Zero = 2,

    /// <summary>A newer owner took over.</summary>
    Epoch = 3,

    /// <summary>The owner closed the overlay; nothing was under way.</summary>
    Closed = 4,

    /// <summary>How many blocks have left the parent, by source, once the commit counts.</summary>
    Progress = 5,
}
