using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Leave to send a request.</summary>
/// <param name="Bytes">How many bytes it may ask for.</param>
/// <param name="Priority">Why it is sent.</param>
/// <param name="StartedAt">When, by the clock's timestamp.</param>
/// <param name="Part">Its part of a request that others share; null: it is sent alone.</param>
internal readonly record struct Turn(int Bytes, FetchPriority Priority, long StartedAt, GatheredPart? Part = null);
