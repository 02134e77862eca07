namespace SnapshotGrains.Client;

/// <summary>What of a disk is attached.</summary>
public enum DiskForm
{
    /// <summary>What guests see.</summary>
    Guest,

    /// <summary>The ciphertext of an encrypted disk, in the guest's order.</summary>
    Ciphertext,

    /// <summary>
    /// The bytes as they are stored, striped and encrypted: for a compute host, which reads what the disk inherits
    /// from the silos itself. Block status says which bytes that are: holes that are not known to be zero.
    /// </summary>
    Stored,
}
