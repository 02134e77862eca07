namespace SnapshotGrains.InProcess.Activations;

/// <summary>Lets services of an activation's scope find their activation.</summary>
internal sealed class ActivationScope
{
    public Activation? Activation { get; set; }
}
