using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>The loop that takes replies.</summary>
public sealed partial class NbdClient
{
    private const int MaxChunkBytes = NbdLimits.MaxPayloadBytes + 1024;

    private async Task ReceiveAsync()
    {
        Exception end;
        try
        {
            while (await ReceiveOneAsync().ConfigureAwait(false))
            {
            }

            end = new EndOfStreamException("The server closed the connection.");
        }
        catch (Exception e)
        {
            end = e;
        }

        // First refuse new requests, then fail those that wait: none is missed in between.
        Interlocked.Exchange(ref _broken, end);
        foreach (var reply in _waiting.Values)
        {
            reply.Break(new NbdException(NbdError.Io, $"The connection ended: {end.Message}", end));
        }
    }

    private async Task<bool> ReceiveOneAsync()
    {
        var head = new byte[ReplyWriter.ChunkBytes];
        var first = await _connection.Stream
            .ReadAtLeastAsync(head.AsMemory(0, ReplyWriter.SimpleBytes), ReplyWriter.SimpleBytes, false, _closed.Token)
            .ConfigureAwait(false);
        if (first < ReplyWriter.SimpleBytes)
        {
            return false;
        }

        var magic = BinaryPrimitives.ReadUInt32BigEndian(head);
        var cookie = MemoryMarshal.Read<ulong>(head.AsSpan(8));
        if (!_waiting.TryGetValue(cookie, out var reply))
        {
            throw new NbdProtocolException("A reply belongs to no request.");
        }

        if (magic == NbdMagic.SimpleReply)
        {
            await TakeSimpleAsync(cookie, reply, (NbdError)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)))
                .ConfigureAwait(false);
            return true;
        }

        if (magic != NbdMagic.StructuredReply || !HasStructuredReplies)
        {
            throw new NbdProtocolException($"A reply starts with 0x{magic:x8}.");
        }

        await ReadAsync(head.AsMemory(ReplyWriter.SimpleBytes)).ConfigureAwait(false);
        await TakeChunkAsync(cookie, reply, head).ConfigureAwait(false);
        return true;
    }

    private async Task TakeSimpleAsync(ulong cookie, ClientReply reply, NbdError error)
    {
        if (error != NbdError.None)
        {
            reply.Fail(new NbdException(error, $"The server failed {reply.Command} with {error}."));
        }
        else if (reply.Command == NbdCommand.Read)
        {
            await ReadAsync(reply.PlaceAll()).ConfigureAwait(false);
        }

        Finish(cookie, reply);
    }

    private async Task TakeChunkAsync(ulong cookie, ClientReply reply, byte[] head)
    {
        var flags = (NbdReplyFlags)BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(4));
        var type = (NbdChunkType)BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(6));
        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16));
        if (length > MaxChunkBytes)
        {
            throw new NbdProtocolException($"A chunk of type {type} carries {length} bytes.");
        }

        if (type == NbdChunkType.OffsetData)
        {
            await TakeDataAsync(reply, length).ConfigureAwait(false);
        }
        else
        {
            var payload = new byte[length];
            await ReadAsync(payload).ConfigureAwait(false);
            TakePayload(reply, type, payload);
        }

        if ((flags & NbdReplyFlags.Done) != 0)
        {
            Finish(cookie, reply);
        }
    }

    /// <summary>
    /// Forgets the request before its caller goes on: a second reply could write into memory given back.
    /// </summary>
    private void Finish(ulong cookie, ClientReply reply)
    {
        _waiting.TryRemove(cookie, out _);
        Interlocked.Increment(ref _replies);
        reply.Finish();
    }

    private async Task TakeDataAsync(ClientReply reply, uint length)
    {
        var offset = new byte[8];
        if (length <= offset.Length)
        {
            throw new NbdProtocolException($"A data chunk carries {length} bytes.");
        }

        await ReadAsync(offset).ConfigureAwait(false);
        var place = reply.Place(BinaryPrimitives.ReadUInt64BigEndian(offset), length - 8);
        await ReadAsync(place).ConfigureAwait(false);
    }

    private static void TakePayload(ClientReply reply, NbdChunkType type, byte[] payload)
    {
        var reader = new SpanReader(payload);
        switch (type)
        {
            case NbdChunkType.None when payload.Length == 0:
                break;
            case NbdChunkType.OffsetHole when payload.Length == 12:
                reader.TryReadU64(out var offset);
                reader.TryReadU32(out var length);
                reply.Place(offset, length).Span.Clear();
                break;
            case NbdChunkType.BlockStatus when payload.Length >= 12 && payload.Length % 8 == 4:
                reader.TryReadU32(out _);
                while (reader.TryReadU32(out var extent) && reader.TryReadU32(out var state))
                {
                    reply.Extents.Add(new NbdExtent(extent, (NbdExtentFlags)state));
                }

                break;
            case var error when (error & NbdChunkType.ErrorBit) != 0:
                reply.Fail(ReadError(payload));
                break;
            default:
                throw new NbdProtocolException($"A chunk of type {type} carries {payload.Length} bytes.");
        }
    }

    private static NbdException ReadError(byte[] payload)
    {
        var reader = new SpanReader(payload);
        if (!reader.TryReadU32(out var error) || !reader.TryReadU16(out var length)
            || !reader.TryReadBytes(length, out var message))
        {
            throw new NbdProtocolException("An error chunk is malformed.");
        }

        return new NbdException((NbdError)error, Encoding.UTF8.GetString(message));
    }

    private async Task ReadAsync(Memory<byte> into) =>
        await _connection.Stream.ReadExactlyAsync(into, _closed.Token).ConfigureAwait(false);
}
