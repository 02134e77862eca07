namespace SnapshotGrains.Nbd;

/// <summary>
/// A byte stream in both directions. One thread receives; one at a time sends. Any thread may shut it down, which
/// makes both return.
/// </summary>
internal abstract class NbdTransport : IDisposable
{
    /// <summary>True when <see cref="TrySend"/> may be used.</summary>
    public virtual bool CanTrySend => false;

    /// <summary>Waits for bytes; 0: the peer will send no more.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Sends everything; the vectors are used up.</summary>
    /// <exception cref="IOException">Broken, or the peer took nothing until the send time-out.</exception>
    public abstract void Send(Span<IoVector> vectors);

    /// <summary>Sends what the peer has room for without waiting.</summary>
    /// <param name="vectors">Used up as far as sent: entries sent are empty, one may be shortened.</param>
    /// <returns>True when everything was sent.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    public virtual bool TrySend(Span<IoVector> vectors) => throw new NotSupportedException();

    /// <summary>Says goodbye where the transport has a way to.</summary>
    public virtual void Close()
    {
    }

    /// <summary>Makes <see cref="Receive"/> return 0 after what came already.</summary>
    public abstract void StopReceiving();

    /// <summary>Cuts the connection.</summary>
    public abstract void Abort();

    /// <summary>Frees the connection; nobody may be inside another call.</summary>
    public abstract void Dispose();

    /// <summary>Sends one piece of pinned memory.</summary>
    public unsafe void Send(ReadOnlySpan<byte> pinned)
    {
        fixed (byte* start = pinned)
        {
            var vector = new IoVector((nint)start, pinned.Length);
            Send(new Span<IoVector>(ref vector));
        }
    }
}
