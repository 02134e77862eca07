namespace SnapshotGrains.Nbd;

/// <summary>What one connection counts. Written by its thread only; read by anybody.</summary>
internal sealed class ConnectionCounters
{
    public const int Commands = 8;

    private readonly long[] _requests = new long[Commands + 1];
    private long _bytesWritten;

    /// <summary>Requests by command; the last entry counts unknown ones.</summary>
    public ReadOnlySpan<long> Requests => _requests;

    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    public void CountRequest(NbdCommand command) => _requests[Math.Min((int)command, Commands)]++;

    public void CountWritten(uint bytes) => _bytesWritten += bytes;
}
