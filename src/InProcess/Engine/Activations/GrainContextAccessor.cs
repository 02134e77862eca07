using Orleans.Runtime;

namespace SnapshotGrains.InProcess.Activations;

/// <inheritdoc />
internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => Activation.Current!;
}
