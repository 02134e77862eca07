namespace SnapshotGrains.InProcess.Activations;

/// <summary>A call or a timer's run that waits or runs in an activation. A node of a <see cref="WorkList"/>.</summary>
internal abstract class ActivationWork
{
    internal WorkList? List { get; set; }

    internal ActivationWork? Next { get; set; }

    internal ActivationWork? Previous { get; set; }

    /// <summary>May run beside anything.</summary>
    public abstract bool AlwaysInterleaves { get; }

    /// <summary>May run beside others of its kind.</summary>
    public abstract bool IsReadOnly { get; }

    /// <summary>The call chain that it belongs to, if that may re-enter grains.</summary>
    public virtual Guid ReentrancyId => Guid.Empty;

    /// <summary>Whether a run counts as use of the grain.</summary>
    public abstract bool KeepsAlive { get; }

    /// <summary>Whether it counts against the limit of waiting calls.</summary>
    public virtual bool IsLimited => true;

    /// <summary>Whether nobody waits for it any more, so that it need not run.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Whether it may run only later than what runs now, but perhaps before what waits.</summary>
    public bool MayOvertake => AlwaysInterleaves || IsReadOnly || ReentrancyId != Guid.Empty;

    /// <summary>Starts it as part of a turn; null = it has ended.</summary>
    public abstract Task? Run(Activation activation);

    /// <summary>It has run. The task is null or completed.</summary>
    public abstract void Ended(Task? task, Exception? exception);

    /// <summary>It will not run here.</summary>
    public abstract void Reject(Exception exception);

    /// <summary>The activation has gone, but the work may run in another.</summary>
    public abstract void Forward();
}
