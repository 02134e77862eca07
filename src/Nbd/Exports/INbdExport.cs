namespace SnapshotGrains.Nbd;

/// <summary>
/// An export as one connection sees it. Requests of a connection are in flight together, so every member must be
/// safe to call again before an earlier call completed. Ranges were checked against <see cref="NbdExportInfo"/>.
/// A call that completes synchronously is answered without another thread; it must then not block for long, for the
/// connection's other requests wait behind it.
/// </summary>
/// <remarks>
/// <see cref="NbdException"/> reaches the client with its error and message. Anything else thrown becomes EIO and
/// goes to <see cref="INbdServerEvents"/>.
/// </remarks>
public interface INbdExport : IAsyncDisposable
{
    /// <summary>What the export is and can do.</summary>
    NbdExportInfo Info { get; }

    /// <summary>
    /// Cancelled when the export may not be used any more: the server then ends its connections, as soon as what is in
    /// flight is answered.
    /// </summary>
    CancellationToken Withdrawn => CancellationToken.None;

    /// <summary>
    /// Lends the bytes asked for: calls <see cref="NbdRead.Add(ReadOnlyMemory{byte}, IDisposable?)"/>, its overload or
    /// <see cref="NbdRead.AddHole"/> in order until the length is covered.
    /// </summary>
    /// <param name="read">Request and answer; must not be touched after the task completed.</param>
    /// <param name="ct">Cancelled when the connection is torn down.</param>
    ValueTask ReadAsync(NbdRead read, CancellationToken ct);

    /// <summary>Describes allocation from <paramref name="offset"/>; the default says that all is data.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes asked for; the answer may cover fewer, at least one.</param>
    /// <param name="into">Receives the extents; must not be touched after the task completed.</param>
    /// <param name="ct">Cancelled when the connection is torn down.</param>
    ValueTask BlockStatusAsync(long offset, long length, NbdExtents into, CancellationToken ct)
    {
        into.Add(length, NbdExtentFlags.Data);
        return ValueTask.CompletedTask;
    }

    /// <summary>Announces reads to come (NBD_CMD_CACHE); the default does nothing.</summary>
    ValueTask CacheAsync(long offset, long length, CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>Makes every write that was answered before durable; the default has nothing to do.</summary>
    ValueTask FlushAsync(CancellationToken ct) => ValueTask.CompletedTask;

    /// <summary>Writes; with <paramref name="fua"/> the data is durable before the task completes.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="data">Valid until the task completes.</param>
    /// <param name="fua">Force unit access.</param>
    /// <param name="ct">Cancelled when the connection is torn down.</param>
    ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken ct) =>
        throw NbdException.ReadOnly(Info.Name);

    /// <summary>Discards (a hint); afterwards the content is undefined until written.</summary>
    ValueTask TrimAsync(long offset, long length, bool fua, CancellationToken ct) =>
        throw NbdException.ReadOnly(Info.Name);

    /// <summary>Makes a range read as zeroes.</summary>
    ValueTask WriteZeroesAsync(long offset, long length, NbdZeroFlags flags, CancellationToken ct) =>
        throw NbdException.ReadOnly(Info.Name);
}
