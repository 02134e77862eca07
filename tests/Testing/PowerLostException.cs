using SnapshotGrains.Storage;

namespace SnapshotGrains.Testing;

/// <summary>The simulated machine has lost its power: nothing works until it is started again.</summary>
public sealed class PowerLostException() : IOException("The power is off.");
