using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <summary>Somebody's use of an open disk.</summary>
/// <param name="holder">Who; attachments of one holder may write at the same time.</param>
/// <param name="canWrite">Whether it may write.</param>
/// <param name="form">What of the disk it sees: the ciphertext of a disk that is not encrypted is no form of its own.
/// </param>
internal sealed class Attachment(string holder, bool canWrite, DiskForm form)
{
    public string Holder { get; } = holder;

    public bool CanWrite { get; } = canWrite;

    public DiskForm Form { get; } = form;

    /// <summary>
    /// Whether it is a guest whose reads tell what others will want: who only reads may copy it, and who has its stored
    /// form keeps his own record.
    /// </summary>
    public bool IsGuest => CanWrite && Form != DiskForm.Stored;

    /// <summary>
    /// Whether both may write at the same time. Who writes a part of a sector reads and writes it whole, and only one
    /// end can keep two such writes apart: the home those in the clear, a holder that names itself its own ciphertext.
    /// </summary>
    public bool CanWriteBeside(Attachment other) => Holder == other.Holder && Form == other.Form
        && !(Form != DiskForm.Guest && Holder == DiskExportName.SharedHolder);
}
