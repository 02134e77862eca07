namespace SnapshotGrains.Images;

/// <summary>
/// One of several neighbouring ranges that one request reads. It is complete when its own bytes are there, however many
/// are still to come for the others. Who waits for it may give it up until its first byte is written; thread-safe.
/// </summary>
public sealed class ScatterPart
{
    private const int Waiting = 0;
    private const int Filling = 1;
    private const int GivenUp = 2;

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>A part that fills <paramref name="destination"/>.</summary>
    public ScatterPart(Memory<byte> destination) => Destination = destination;

    /// <summary>Takes the bytes; its length is the length of the range.</summary>
    public Memory<byte> Destination { get; }

    /// <summary>Ends when nothing writes to the destination any more: with the bytes there, or with an error.</summary>
    public Task End => _end.Task;

    /// <summary>Whether it was given up.</summary>
    internal bool IsGivenUp => Volatile.Read(ref _state) == GivenUp;

    /// <summary>Its turn has come. False: nobody wants it, and its destination must not be touched.</summary>
    public bool TryBegin() => Interlocked.CompareExchange(ref _state, Filling, Waiting) == Waiting;

    /// <summary>Nobody wants it any more. False: its bytes are being written, so its end must be waited for.</summary>
    public bool TryGiveUp() => Interlocked.CompareExchange(ref _state, GivenUp, Waiting) == Waiting;

    /// <summary>Its bytes are there.</summary>
    public void Complete() => _end.TrySetResult();

    /// <summary>The request ended before its bytes were there; nothing happens if they are.</summary>
    public void Fail(Exception error)
    {
        if (_end.TrySetException(error))
        {
            _ = _end.Task.Exception; // observed: who gave it up does not look
        }
    }
}
