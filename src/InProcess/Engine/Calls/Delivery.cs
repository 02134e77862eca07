using SnapshotGrains.InProcess.Activations;

namespace SnapshotGrains.InProcess.Calls;

/// <summary>The one place where calls and answers cross; a simulator overrides it to delay, drop or crash.</summary>
internal class Delivery
{
    public virtual void Request(GrainCall call, Activation target) => Arrive(call, target);

    public virtual void Answer(GrainCall call, Task? task, Exception? exception) => call.Complete(task, exception);

    protected static void Arrive(GrainCall call, Activation target)
    {
        if (!target.Receive(call))
        {
            call.Forward();
        }
    }
}
