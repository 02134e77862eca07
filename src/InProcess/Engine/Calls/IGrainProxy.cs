using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>What every grain reference knows about itself.</summary>
internal interface IGrainProxy : IAddressable
{
    GrainId GrainId { get; }

    Type InterfaceType { get; }

    Sender Sender { get; }
}
