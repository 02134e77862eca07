using SnapshotGrains.Client;

namespace SnapshotGrains.Disks;

/// <summary>Somebody's use of an open disk.</summary>
/// <param name="holder">Who; attachments of one holder may write at the same time.</param>
/// <param name="canWrite">Whether it may write.</param>
/// <param name="isCiphertext">Whether it encrypts by itself.</param>
internal sealed class Attachment(string holder, bool canWrite, bool isCiphertext)
{
    private readonly bool _isCiphertext = isCiphertext;

    public string Holder { get; } = holder;

    public bool CanWrite { get; } = canWrite;

    /// <summary>
    /// Whether both may write at the same time. Who writes a part of a sector reads and writes it whole, and only one
    /// end can keep two such writes apart: the home those in the clear, a holder that names itself its own ciphertext.
    /// </summary>
    public bool CanWriteBeside(Attachment other) => Holder == other.Holder && _isCiphertext == other._isCiphertext
        && !(_isCiphertext && Holder == DiskExportName.SharedHolder);
}
