namespace SnapshotGrains.Engine.Tests.Turns;

[Reentrant]
public sealed class ReentrantTurnGrain : TurnGrain;
