using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// A connection to one export. Thread safe; requests are in flight together. Cancelling a request that was sent ends
/// the connection, because its reply could otherwise write into memory that the caller has taken back.
/// </summary>
public sealed partial class NbdClient : IAsyncDisposable
{
    private readonly ClientConnection _connection;
    private readonly ConcurrentDictionary<ulong, ClientReply> _waiting = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _request = new byte[RequestHeader.Bytes];
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _receiving;
    private Exception? _broken;
    private ulong _lastCookie;
    private long _replies;

    private NbdClient(ClientConnection connection, NbdExportInfo info, bool structured, bool blockStatus)
    {
        _connection = connection;
        Info = info;
        HasStructuredReplies = structured;
        HasBlockStatus = blockStatus;
        _receiving = ReceiveAsync();
    }

    /// <summary>What the server says about the export.</summary>
    public NbdExportInfo Info { get; }

    /// <summary>True when structured replies were negotiated.</summary>
    public bool HasStructuredReplies { get; }

    /// <summary>True when <see cref="BlockStatusAsync"/> can be used.</summary>
    public bool HasBlockStatus { get; }

    /// <summary>Whether the connection can be used.</summary>
    public bool IsOpen => Volatile.Read(ref _broken) is null && !_closed.IsCancellationRequested;

    /// <summary>Replies that have come so far, to tell a slow server from a dead one.</summary>
    public long Replies => Interlocked.Read(ref _replies);

    /// <summary>Ends with the connection; never fails.</summary>
    public Task Completion => _receiving;

    /// <summary>Reads; holes become zeroes.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="into">Filled; at most the export's maximum payload.</param>
    /// <param name="ct">Ends the connection if the request was sent.</param>
    /// <exception cref="NbdException">The server failed the request, or the connection broke.</exception>
    public Task ReadAsync(long offset, Memory<byte> into, CancellationToken ct = default) =>
        AskAsync(NbdCommand.Read, 0, offset, (uint)into.Length, into, default, ct);

    /// <summary>Writes; with <paramref name="fua"/> durable on return.</summary>
    /// <exception cref="NbdException">The server failed the request, or the connection broke.</exception>
    public Task WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua = false, CancellationToken ct = default) =>
        AskAsync(NbdCommand.Write, Fua(fua), offset, (uint)data.Length, default, data, ct);

    /// <summary>Makes all writes that were answered durable.</summary>
    public Task FlushAsync(CancellationToken ct = default) =>
        AskAsync(NbdCommand.Flush, 0, 0, 0, default, default, ct);

    /// <summary>Discards a range.</summary>
    public Task TrimAsync(long offset, uint length, bool fua = false, CancellationToken ct = default) =>
        AskAsync(NbdCommand.Trim, Fua(fua), offset, length, default, default, ct);

    /// <summary>Makes a range read as zeroes.</summary>
    public Task WriteZeroesAsync(long offset, uint length, NbdZeroFlags flags = 0, CancellationToken ct = default)
    {
        var wire = Fua((flags & NbdZeroFlags.Fua) != 0);
        wire |= (flags & NbdZeroFlags.NoHole) != 0 ? NbdCommandFlags.NoHole : 0;
        wire |= (flags & NbdZeroFlags.FastZero) != 0 ? NbdCommandFlags.FastZero : 0;
        return AskAsync(NbdCommand.WriteZeroes, wire, offset, length, default, default, ct);
    }

    /// <summary>Announces reads.</summary>
    public Task CacheAsync(long offset, uint length, CancellationToken ct = default) =>
        AskAsync(NbdCommand.Cache, 0, offset, length, default, default, ct);

    /// <summary>Asks which parts of a range are holes; the answer covers at least one byte, maybe not all.</summary>
    public async Task<IReadOnlyList<NbdExtent>> BlockStatusAsync(
        long offset, uint length, CancellationToken ct = default)
    {
        var reply = await AskAsync(NbdCommand.BlockStatus, 0, offset, length, default, default, ct)
            .ConfigureAwait(false);
        return reply.Extents;
    }

    /// <summary>Says goodbye and closes; requests in flight should have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed.IsCancellationRequested)
        {
            return;
        }

        try
        {
            var none = new ClientReply(NbdCommand.Disconnect, 0, 0, default);
            await SendAsync(none, NbdCommand.Disconnect, 0, 0, 0, 0, default, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (IOException e)
        {
            // The server closed first.
            GC.KeepAlive(e);
        }

        await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>Closes without a goodbye: to a server that may not answer any more. Requests in flight fail.</summary>
    public async ValueTask AbortAsync()
    {
        if (!_closed.IsCancellationRequested)
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }

    private static NbdCommandFlags Fua(bool fua) => fua ? NbdCommandFlags.Fua : NbdCommandFlags.None;

    private async Task<ClientReply> AskAsync(
        NbdCommand command, NbdCommandFlags flags, long offset, uint length, Memory<byte> into,
        ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        var reply = new ClientReply(command, offset, length, into);
        var cookie = Interlocked.Increment(ref _lastCookie);
        _waiting[cookie] = reply;
        try
        {
            if (_broken is { } broken)
            {
                throw new NbdException(NbdError.Io, "The connection is closed.", broken);
            }

            await SendAsync(reply, command, flags, cookie, offset, length, payload, ct).ConfigureAwait(false);
            await reply.Task.WaitAsync(ct).ConfigureAwait(false);
            return reply;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // A request that still waited for its turn to be sent leaves no trace.
            if (reply.MayBeSent)
            {
                await CloseAsync().ConfigureAwait(false);
            }

            throw;
        }
        finally
        {
            _waiting.TryRemove(cookie, out _);
        }
    }

    private async Task SendAsync(
        ClientReply reply, NbdCommand command, NbdCommandFlags flags, ulong cookie, long offset, uint length,
        ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        await _sending.WaitAsync(ct).ConfigureAwait(false);
        reply.MayBeSent = true;
        try
        {
            BinaryPrimitives.WriteUInt32BigEndian(_request, NbdMagic.Request);
            BinaryPrimitives.WriteUInt16BigEndian(_request.AsSpan(4), (ushort)flags);
            BinaryPrimitives.WriteUInt16BigEndian(_request.AsSpan(6), (ushort)command);
            MemoryMarshal.Write(_request.AsSpan(8), in cookie);
            BinaryPrimitives.WriteInt64BigEndian(_request.AsSpan(16), offset);
            BinaryPrimitives.WriteUInt32BigEndian(_request.AsSpan(24), length);
            await _connection.Stream.WriteAsync(_request, ct).ConfigureAwait(false);
            if (!payload.IsEmpty)
            {
                await _connection.Stream.WriteAsync(payload, ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // At once, not when the receiver sees it: else it looks as if an open connection's server had failed this.
            Interlocked.CompareExchange(ref _broken, e, null);
            throw new NbdException(NbdError.Io, $"Sending {command} failed: {e.Message}", e);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task CloseAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
    }
}
