namespace SnapshotGrains.Storage;

/// <summary>
/// One block of native memory: where it is, and how much of it the operating system backs with pages.
/// </summary>
/// <param name="Address">First byte, aligned to 4 KiB.</param>
/// <param name="SizeClass">Base-2 logarithm of the block's address space.</param>
/// <param name="ResidentBytes">Leading bytes that may be backed by pages.</param>
/// <param name="IsOwnSlab">The block is an allocation of its own, and goes back to the system as a whole.</param>
/// <param name="IsHuge">It lies in huge pages, perhaps with others of its size.</param>
/// <param name="IsFresh">No page of it may be there yet: each would be made at its first touch.</param>
internal readonly record struct SegmentMemory(
    nint Address, int SizeClass, int ResidentBytes, bool IsOwnSlab, bool IsHuge = false, bool IsFresh = false)
{
    public bool IsNone => Address == 0;
}
