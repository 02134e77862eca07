namespace SnapshotGrains.Engine.Tests.Calls;

/// <summary>Immutable, but unknown to Orleans' serializer.</summary>
[Immutable]
public sealed record UnserializablePayload(string Name);
