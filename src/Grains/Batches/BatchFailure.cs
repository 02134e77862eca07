namespace SnapshotGrains.Grains.Batches;

/// <summary>Why a batch could not create one of its disks.</summary>
/// <param name="Index">The disk's index in the specification.</param>
/// <param name="Problem">The reason, for people.</param>
internal readonly record struct BatchFailure(int Index, string Problem);
