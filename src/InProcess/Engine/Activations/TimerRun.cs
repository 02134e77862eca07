namespace SnapshotGrains.InProcess.Activations;

/// <summary>One run of a timer.</summary>
internal sealed class TimerRun(ActivationTimer timer) : ActivationWork
{
    public override bool AlwaysInterleaves => timer.Interleaves;

    public override bool IsReadOnly => false;

    public override bool KeepsAlive => timer.KeepsAlive;

    public override bool IsLimited => false;

    public override bool IsAbandoned => timer.IsStopped;

    public override Task Run(Activation activation) => timer.RunAsync();

    public override void Ended(Task? task, Exception? exception) => timer.Ended(exception);

    public override void Reject(Exception exception) => timer.Dispose();

    public override void Forward() => timer.Dispose();
}
