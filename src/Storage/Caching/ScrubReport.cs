namespace SnapshotGrains.Storage;

/// <summary>What a pass over the resident segments found.</summary>
/// <param name="Segments">Segments compared with their digests.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Corrupt">Segments whose bytes had changed; they are dropped.</param>
public sealed record ScrubReport(long Segments, long Bytes, IReadOnlyList<Digest> Corrupt);
