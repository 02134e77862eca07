using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>A range read that waits for its turn. Its mutable state is guarded by the owner of the queue.</summary>
internal sealed class PendingRead(PackId pack, long offset, Memory<byte> destination, FetchUrgency urgency)
{
    private readonly int _length = destination.Length;
    private TaskCompletionSource<Turn> _turn = NewTurn();

    public PackId Pack => pack;

    /// <summary>First byte that is still to be read.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Takes what is still to be read.</summary>
    public Memory<byte> Rest { get; private set; } = destination;

    public int Length => Rest.Length;

    public FetchPriority Priority => urgency.Priority;

    /// <summary>It goes by itself: together with others it has failed, perhaps for their sake.</summary>
    public bool IsAlone { get; private set; }

    /// <summary>Where it waits; null while it does not.</summary>
    public LinkedListNode<PendingRead>? Place { get; set; }

    /// <summary>Comes when it may begin.</summary>
    public Task<Turn> Turn => _turn.Task;

    public void Grant(Turn turn) => _turn.SetResult(turn);

    /// <summary>Whether so many bytes are all that were asked for, and not a piece of them.</summary>
    public bool IsWhole(int bytes) => bytes == _length;

    /// <summary>A piece was read; the rest waits for a turn of its own.</summary>
    public void Advance(int bytes)
    {
        Offset += bytes;
        Rest = Rest[bytes..];
        _turn = NewTurn();
    }

    /// <summary>It is to be read again, by itself, when its next turn comes.</summary>
    public void GoAlone()
    {
        IsAlone = true;
        Advance(0);
    }

    private static TaskCompletionSource<Turn> NewTurn() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
