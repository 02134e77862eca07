namespace Orleans;

/// <summary>Kinds of reasons for a deactivation.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>Not deactivating.</summary>
    None = 0,

    /// <summary>The silo stops.</summary>
    ShuttingDown = 1,

    /// <summary>Activation failed.</summary>
    ActivationFailed = 2,

    /// <summary>The grain directory failed.</summary>
    DirectoryFailure = 3,

    /// <summary>Idle for longer than the collection age.</summary>
    ActivationIdle = 4,

    /// <summary>A call did not end.</summary>
    ActivationUnresponsive = 5,

    /// <summary>Another activation of the grain won.</summary>
    DuplicateActivation = 6,

    /// <summary>The call needs another version.</summary>
    IncompatibleRequest = 7,

    /// <summary>The grain let an error escape that makes its state doubtful.</summary>
    ApplicationError = 8,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,

    /// <summary>Moves to another silo.</summary>
    Migrating = 10,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested = 11,

    /// <summary>Memory is short.</summary>
    HighMemoryPressure = 12,
}
