namespace SnapshotGrains.Engine.Tests.Calls;

[Immutable]
[GenerateSerializer]
public sealed record Payload([property: Id(0)] string Name, [property: Id(1)] long Size);
