namespace SnapshotGrains.Storage;

/// <summary>Names of an overlay's files.</summary>
internal sealed record OverlayPaths(string Directory, Guid DiskId)
{
    /// <summary>The blocks.</summary>
    public string Data => Path.Combine(Directory, $"{DiskId:N}.data");

    /// <summary>Where each block is, with its checksum.</summary>
    public string Map => Path.Combine(Directory, $"{DiskId:N}.map");

    /// <summary>A map that is being written and has not replaced the other yet.</summary>
    public string NewMap => Path.Combine(Directory, $"{DiskId:N}.map.new");
}
