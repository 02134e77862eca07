namespace SnapshotGrains.Client;

/// <summary>What a write does.</summary>
internal enum WriteKind
{
    /// <summary>Writes bytes.</summary>
    Data,

    /// <summary>Writes zeros.</summary>
    Zero,

    /// <summary>Gives bytes up.</summary>
    Trim,
}
