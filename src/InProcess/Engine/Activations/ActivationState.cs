namespace SnapshotGrains.InProcess.Activations;

/// <summary>The life of an activation, in order.</summary>
internal enum ActivationState
{
    Activating,
    Valid,
    Deactivating,
    Invalid,
}
