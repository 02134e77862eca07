namespace SnapshotGrains.Nbd.Tests;

/// <summary>Brings the same bytes again and again, then the end; counts what is sent and throws it away.</summary>
internal sealed class ReplayTransport(byte[] input, int times) : NbdTransport
{
    private int _left = times;

    public long BytesSent { get; private set; }

    /// <summary>Called before each receive with how many are left.</summary>
    public Action<int>? OnReceive { get; set; }

    public override int Receive(Span<byte> buffer)
    {
        OnReceive?.Invoke(_left);
        if (_left-- == 0)
        {
            return 0;
        }

        input.CopyTo(buffer);
        return input.Length;
    }

    public override void Send(Span<IoVector> vectors)
    {
        foreach (var vector in vectors)
        {
            BytesSent += vector.Length;
        }
    }

    public override void StopReceiving()
    {
    }

    public override void Abort()
    {
    }

    public override void Dispose()
    {
    }
}
