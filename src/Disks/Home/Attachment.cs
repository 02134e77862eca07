namespace SnapshotGrains.Disks;

/// <summary>Somebody's use of an open disk.</summary>
/// <param name="holder">Who; attachments of one holder may write at the same time.</param>
/// <param name="canWrite">Whether it may write.</param>
internal sealed class Attachment(string holder, bool canWrite)
{
    public string Holder { get; } = holder;

    public bool CanWrite { get; } = canWrite;
}
