namespace SnapshotGrains.Nbd;

/// <summary>Flags of a structured reply chunk.</summary>
[Flags]
internal enum NbdReplyFlags : ushort
{
    None = 0,
    Done = 1 << 0,
}
