namespace SnapshotGrains.InProcess.Scheduling;

/// <summary>Runs work on the thread pool, without the enqueuer's execution context.</summary>
internal sealed class ThreadPoolWorkQueue : IWorkQueue
{
    public void Enqueue(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: true);
}
