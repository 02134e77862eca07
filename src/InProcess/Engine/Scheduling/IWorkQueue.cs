namespace SnapshotGrains.InProcess.Scheduling;

/// <summary>Where all scheduling of the engine goes through, so that a simulator can order it.</summary>
internal interface IWorkQueue
{
    void Enqueue(IThreadPoolWorkItem item);
}
