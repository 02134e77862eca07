namespace SnapshotGrains.Storage.Tests;

/// <summary>The simulated machine has lost its power: nothing works until it is started again.</summary>
internal sealed class PowerLostException() : IOException("The power is off.");
