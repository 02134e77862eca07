namespace SnapshotGrains.Nbd;

/// <summary>
/// What was received and not yet used. One receive may bring many requests. The owner is the connection's thread.
/// </summary>
internal sealed class ReceiveBuffer
{
    private readonly byte[] _bytes;
    private int _start;
    private int _end;

    public ReceiveBuffer(NbdTransport transport, int capacityBytes)
    {
        Transport = transport;
        _bytes = GC.AllocateUninitializedArray<byte>(capacityBytes, pinned: true);
    }

    /// <summary>Where bytes come from; TLS replaces it.</summary>
    public NbdTransport Transport { get; set; }

    public ReadOnlySpan<byte> Available => _bytes.AsSpan(_start, _end - _start);

    public void Consume(int count) => _start += count;

    /// <summary>Receives once. False: the peer will send no more.</summary>
    public bool Fill()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > 0)
        {
            Available.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }

        var received = Transport.Receive(_bytes.AsSpan(_end));
        _end += received;
        return received > 0;
    }

    /// <summary>Waits until <paramref name="count"/> bytes are there; at most the capacity.</summary>
    public bool Require(int count)
    {
        while (_end - _start < count)
        {
            if (!Fill())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Fills <paramref name="into"/>: first from here, then straight from the transport.</summary>
    public bool Read(Span<byte> into)
    {
        var buffered = Math.Min(into.Length, _end - _start);
        Available[..buffered].CopyTo(into);
        Consume(buffered);
        into = into[buffered..];
        while (!into.IsEmpty)
        {
            var received = Transport.Receive(into);
            if (received == 0)
            {
                return false;
            }

            into = into[received..];
        }

        return true;
    }

    /// <summary>Throws <paramref name="count"/> bytes away.</summary>
    public bool Skip(long count)
    {
        while (true)
        {
            var step = (int)Math.Min(count, _end - _start);
            Consume(step);
            count -= step;
            if (count == 0)
            {
                return true;
            }

            if (!Fill())
            {
                return false;
            }
        }
    }
}
