using System.Buffers;
using System.Runtime.CompilerServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// One request from its start in the export to its reply. Reused within its connection, so that a request allocates
/// nothing even when the export answers later.
/// </summary>
internal sealed class PendingRequest
{
    private readonly ReplySender _sender;
    private readonly RequestFailures _failures;
    private readonly Action _onCompleted;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _awaiter;
    private NbdExtents? _extents;
    private byte[]? _payload;

    public PendingRequest(ReplySender sender, RequestFailures failures)
    {
        _sender = sender;
        _failures = failures;
        _onCompleted = OnCompleted;
    }

    public RequestHeader Header { get; private set; }

    public NbdRead Read { get; } = new();

    public NbdExtents Extents => _extents ??= new NbdExtents();

    /// <summary>How the request ended; <see cref="NbdError.None"/> until it did.</summary>
    public NbdError Error { get; private set; }

    /// <summary>What to tell the client when it failed.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Bytes that the request may keep in memory while it is in flight.</summary>
    public long ChargedBytes => Header.Command is NbdCommand.Read or NbdCommand.Write ? Header.Length : 0;

    /// <summary>The next free request of the pool.</summary>
    public PendingRequest? NextFree { get; set; }

    /// <summary>The data of a write.</summary>
    public ReadOnlyMemory<byte> Payload => _payload.AsMemory(0, (int)Header.Length);

    public void Begin(in RequestHeader header)
    {
        Header = header;
        Error = NbdError.None;
    }

    /// <summary>Takes a buffer for the data of a write.</summary>
    public Span<byte> RentPayload()
    {
        _payload = ArrayPool<byte>.Shared.Rent((int)Header.Length);
        return _payload.AsSpan(0, (int)Header.Length);
    }

    public void ReturnPayload()
    {
        if (_payload is not null)
        {
            ArrayPool<byte>.Shared.Return(_payload);
            _payload = null;
        }
    }

    /// <summary>Settles the outcome of an operation that has completed.</summary>
    public void Settle(in ValueTask operation)
    {
        try
        {
            operation.GetAwaiter().GetResult();
            CheckAnswer();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Records that the request failed.</summary>
    public void Fail(Exception exception)
    {
        Read.Drop();
        (Error, Message) = _failures.Describe(Header, exception);
    }

    /// <summary>Has the reply sent as soon as the operation completes, by whoever completes it.</summary>
    public void ReplyLater(in ValueTask operation)
    {
        _awaiter = operation.ConfigureAwait(false).GetAwaiter();
        _awaiter.UnsafeOnCompleted(_onCompleted);
    }

    private void OnCompleted()
    {
        try
        {
            var awaiter = _awaiter;
            _awaiter = default;
            awaiter.GetResult();
            CheckAnswer();
        }
        catch (Exception e)
        {
            Fail(e);
        }

        _sender.Complete(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckAnswer()
    {
        if (Header.Command == NbdCommand.Read && Read.Remaining != 0)
        {
            throw new InvalidOperationException(
                $"The export answered {Read.Covered} of the {Read.Length} bytes at {Read.Offset}.");
        }

        if (Header.Command == NbdCommand.BlockStatus && Extents.Count == 0)
        {
            throw new InvalidOperationException($"The export described nothing at {Extents.Offset}.");
        }
    }
}
