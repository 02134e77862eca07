using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// From a guest's addresses to stored bytes: a disk in a stripe format stores everything, its own blocks too, where
/// its replica has it, so that hydration is a plain copy; under a key everything stored is ciphertext.
/// </summary>
public static class DiskLayers
{
    /// <summary>Size of the address space that a disk's overlay has, in bytes.</summary>
    public static long StoredBytesOf(DiskInfo disk) => disk.Format is { } format
        ? format.LayoutOf(disk.SizeBytes).PhysicalBytes : UnstripedBytesOf(disk);

    /// <summary>Size of a disk's bytes before they are striped: the last sector is encrypted whole.</summary>
    public static long UnstripedBytesOf(DiskInfo disk) =>
        disk.Key is null ? disk.SizeBytes : StripeLayout.RoundUp(disk.SizeBytes);

    /// <summary>Size of a form of a disk, in bytes.</summary>
    public static long BytesOf(DiskInfo disk, DiskForm form) => form switch
    {
        DiskForm.Stored => StoredBytesOf(disk),
        DiskForm.Ciphertext => UnstripedBytesOf(disk),
        _ => disk.SizeBytes,
    };

    /// <summary>The disk as guests see it.</summary>
    /// <param name="stored">The stored bytes; disposed with the result.</param>
    /// <param name="disk">What is recorded of the disk.</param>
    /// <param name="key">Its key; null to see the ciphertext, and where there is none.</param>
    /// <param name="gate">Shared by all its attachments.</param>
    public static VirtualDisk Over(VirtualDisk stored, DiskInfo disk, DataKey? key, SectorGate gate)
    {
        if (disk.Format is { } format)
        {
            stored = new StripedDisk(stored, format.LayoutOf(disk.SizeBytes), UnstripedBytesOf(disk));
        }

        return key is null ? stored : new CipherDisk(stored, key, gate, disk.SizeBytes);
    }
}
