using Orleans.Runtime;
using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>Who calls what with what.</summary>
internal readonly record struct CallDetails(
    GrainMethod Method,
    object?[] Arguments,
    GrainId Target,
    Sender Sender,
    Activation? Source,
    object Reference);
