namespace SnapshotGrains;

/// <summary>How a disk is attached.</summary>
public enum DiskAccess
{
    /// <summary>For reading and writing; refused while another writer has it.</summary>
    ReadWrite = 0,

    /// <summary>For reading; sees what the writer has written.</summary>
    ReadOnly = 1,

    /// <summary>For reading and writing; a writer that has it is fenced: its next request fails.</summary>
    TakeOver = 2,
}
