using SnapshotGrains.Nbd;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>A write that the disk's home may forget if it dies: kept until a flush has made it durable.</summary>
/// <param name="kind">What it does.</param>
/// <param name="offset">First byte.</param>
/// <param name="length">Number of bytes.</param>
/// <param name="data">A copy of the bytes, which this owns; null where there are none.</param>
/// <param name="isDurable">Whether it is durable when it is answered.</param>
internal sealed class LoggedWrite(WriteKind kind, long offset, long length, NativeBuffer? data, bool isDurable)
{
    /// <summary>Counts against the log's limit; a write without bytes is an entry all the same.</summary>
    public long Cost { get; } = (data is null ? 0 : length) + 128;

    /// <summary>Whether it has left the log. Guarded by the log.</summary>
    public bool IsDropped { get; set; }

    /// <summary>Whether a flush has made it durable. Guarded by the log.</summary>
    public bool IsFlushed { get; set; }

    /// <summary>Who is about to do it again, and needs its bytes. Guarded by the log.</summary>
    public int Pins { get; set; }

    /// <summary>Whether its writer has been told that it is done. Guarded by the log.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>The last connection on which it was done again; 0 for none.</summary>
    public long ReplayedOn { get; set; }

    /// <summary>Why it could not be done again; null when it could.</summary>
    public SnapshotGrainsException? Failure { get; set; }

    private long Offset => offset;

    private long End => offset + length;

    public bool Overlaps(LoggedWrite other) => other.Offset < End && offset < other.End;

    public Task SendAsync(NbdClient home) => kind switch
    {
        WriteKind.Data => home.WriteAsync(offset, data!.Memory, isDurable),
        WriteKind.Zero => home.WriteZeroesAsync(
            offset, (uint)length, isDurable ? NbdZeroFlags.Fua : NbdZeroFlags.None),
        _ => home.TrimAsync(offset, (uint)length, isDurable),
    };

    /// <summary>Gives its bytes back.</summary>
    public void Free() => ((IDisposable?)data)?.Dispose();

    /// <inheritdoc />
    public override string ToString() => $"{kind} of {length} bytes at {offset}";
}
