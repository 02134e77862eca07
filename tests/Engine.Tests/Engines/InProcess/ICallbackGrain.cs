namespace SnapshotGrains.Engine.Tests.Activations;

public interface ICallbackGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer whose run registers a callback that throws, and stands at the gate.</summary>
    Task StartTimerAsync(string gate);

    Task LeaveAsync();

    /// <summary>Waits at the gate, with a callback on the token that throws.</summary>
    Task WaitAsync(string gate, CancellationToken cancellationToken);

    /// <summary>Passes the gate, then touches the gate whose name ends with "-done".</summary>
    [OneWay]
    Task NoteAsync(string gate, CancellationToken cancellationToken);

    /// <summary>Disposes of one reentrancy section twice.</summary>
    Task LeaveSectionTwiceAsync();

    /// <summary>Which instance answers.</summary>
    Task<Guid> InstanceAsync();
}
