namespace SnapshotGrains.Nbd;

/// <summary>A request of a client that waits for its reply.</summary>
internal sealed class ClientReply(NbdCommand command, long offset, uint length, Memory<byte> into)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NbdException? _error;
    private long _covered;

    public NbdCommand Command { get; } = command;

    public uint Length { get; } = length;

    public List<NbdExtent> Extents { get; } = [];

    /// <summary>True once bytes of the request may have gone out, so that a reply may come.</summary>
    public bool MayBeSent { get; set; }

    public Task Task => _done.Task;

    /// <summary>Takes the place for a chunk of data.</summary>
    /// <exception cref="NbdProtocolException">It does not lie in the request.</exception>
    public Memory<byte> Place(ulong chunkOffset, uint chunkLength)
    {
        var start = chunkOffset - (ulong)offset;
        if (Command != NbdCommand.Read || start > Length || chunkLength > Length - start || chunkLength == 0)
        {
            throw new NbdProtocolException(
                $"A chunk of {chunkLength} bytes at {chunkOffset} does not belong to {Command} "
                + $"of {Length} bytes at {offset}.");
        }

        _covered += chunkLength;
        return into.Slice((int)start, (int)chunkLength);
    }

    /// <summary>Takes the place for the payload of a simple reply.</summary>
    public Memory<byte> PlaceAll() => Place((ulong)offset, Length);

    public void Fail(NbdException error) => _error ??= error;

    /// <summary>The last chunk came.</summary>
    public void Finish()
    {
        if (_error is null && Command == NbdCommand.Read && _covered != Length)
        {
            _error = new NbdProtocolException($"A read of {Length} bytes at {offset} was answered with {_covered}.");
        }

        Break(_error);
    }

    /// <summary>Completes the request with an error, or without.</summary>
    public void Break(Exception? error)
    {
        if (error is null)
        {
            _done.TrySetResult();
        }
        else
        {
            _done.TrySetException(error);
        }
    }
}
