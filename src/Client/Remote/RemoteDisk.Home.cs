using SnapshotGrains.Nbd;

namespace SnapshotGrains.Client;

/// <content>Requests to the disk's home, and writes.</content>
internal sealed partial class RemoteDisk
{
    /// <summary>Writes that are made again at a time.</summary>
    private const int MaxReplayed = 64;

    /// <summary>So often a home may refuse a write before it is found anew: its files may have to be opened again.
    /// </summary>
    private const int MaxReplayTries = 10;

    private static readonly TimeSpan ReplayPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _flushGate = new();
    private Task _flushing = Task.CompletedTask;

    public override async ValueTask WriteAsync(
        long offset, ReadOnlyMemory<byte> data, bool isDurable, CancellationToken cancellationToken)
    {
        CheckWrite(offset, data.Length);
        for (var done = 0; done < data.Length;)
        {
            var piece = data.Slice(done, Math.Min(MaxTransferBytes, data.Length - done));
            await ChangeAsync(WriteKind.Data, offset + done, piece.Length, piece, isDurable, cancellationToken)
                .ConfigureAwait(false);
            done += piece.Length;
        }
    }

    public override ValueTask TrimAsync(long offset, long length, CancellationToken cancellationToken) =>
        ChangeRangeAsync(WriteKind.Trim, offset, length, isDurable: false, cancellationToken);

    public override ValueTask WriteZeroesAsync(
        long offset, long length, bool isDurable, CancellationToken cancellationToken) =>
        ChangeRangeAsync(WriteKind.Zero, offset, length, isDurable, cancellationToken);

    public override async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (IsReadOnly)
        {
            return;
        }

        using var deadline = DeadlineOf(cancellationToken);
        try
        {
            LoggedWrite[] durable = [];
            await AskAsync(
                "flush", 0,
                home =>
                {
                    // On a connection that is new all of them have been done again before.
                    durable = _log.Acknowledged();
                    return home.FlushAsync();
                },
                deadline.Token).ConfigureAwait(false);
            _log.Flushed(durable);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut("flush", 0);
        }
    }

    private async ValueTask ChangeRangeAsync(
        WriteKind kind, long offset, long length, bool isDurable, CancellationToken cancellationToken)
    {
        CheckWrite(offset, length);
        for (var end = offset + length; offset < end; offset += MaxRangeBytes)
        {
            await ChangeAsync(
                kind, offset, Math.Min(MaxRangeBytes, end - offset), default, isDurable, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask ChangeAsync(
        WriteKind kind, long offset, long length, ReadOnlyMemory<byte> data, bool isDurable,
        CancellationToken cancellationToken)
    {
        using var deadline = DeadlineOf(cancellationToken);
        try
        {
            // Known first: what is learnt while the write is under way might not have it yet.
            for (var at = offset; at < offset + length; at += StoredBlocks.RegionBytes)
            {
                await LearnAsync(at, deadline.Token).ConfigureAwait(false);
            }

            await LearnAsync(offset + length - 1, deadline.Token).ConfigureAwait(false);
            // Whoever waits for room waits for a flush, which may have failed when it was due.
            FlushIfHalfFull();
            var write = await _log.AddAsync(kind, offset, length, data, isDurable, deadline.Token)
                .ConfigureAwait(false);
            await DoAsync(write, offset, length, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut("write", offset);
        }

        FlushIfHalfFull();
    }

    private async ValueTask DoAsync(LoggedWrite write, long offset, long length, CancellationToken cancellationToken)
    {
        try
        {
            _blocks!.Own(offset, length);
            for (var isDone = false; !isDone;)
            {
                var connection = await _link.GetAsync(cancellationToken).ConfigureAwait(false);
                isDone = connection.Number == write.ReplayedOn
                    || await TryAsync("write", offset, connection, write.SendAsync, cancellationToken)
                        .ConfigureAwait(false);
            }

            if (write.Failure is { } failure)
            {
                throw failure;
            }

            _log.Acknowledge(write);
        }
        catch
        {
            _log.Forget(write);
            throw;
        }
    }

    /// <summary>
    /// Does all writes again, in their order, that the home may have forgotten: those under way when it went, and those
    /// that were never flushed. None is left out, also not one of which it is known by now that it was flushed: an
    /// older one that was done again may lie over it.
    /// </summary>
    private async Task ReplayAsync(HomeConnection connection)
    {
        var writes = _log.Pin();
        var isDone = false;
        try
        {
            for (var at = 0; at < writes.Length;)
            {
                // Those that do not overlap may be under way together.
                var together = 1;
                while (together < MaxReplayed && at + together < writes.Length
                    && !writes.Skip(at).Take(together).Any(writes[at + together].Overlaps))
                {
                    together++;
                }

                await Task.WhenAll(writes.Skip(at).Take(together).Select(write => ReplayAsync(write, connection)))
                    .ConfigureAwait(false);
                at += together;
            }

            isDone = true;
        }
        finally
        {
            _log.Unpin(writes, isDone);
        }
    }

    private async Task ReplayAsync(LoggedWrite write, HomeConnection connection)
    {
        for (var tries = 1; !await TryReplayAsync(write, connection, tries).ConfigureAwait(false); tries++)
        {
            await Task.Delay(ReplayPause, _options.Time).ConfigureAwait(false);
        }

        write.ReplayedOn = connection.Number;
    }

    /// <summary>
    /// False when it is to be tried again: it was promised to the guest, and what is in its way may pass, as a full
    /// file system or an image center that is away. Guests wait meanwhile, each for his time.
    /// </summary>
    private async ValueTask<bool> TryReplayAsync(LoggedWrite write, HomeConnection connection, int tries)
    {
        try
        {
            await write.SendAsync(connection.Home).ConfigureAwait(false);
            return true;
        }
        catch (NbdException error) when (connection.Home.IsOpen && error.Error != NbdError.Shutdown)
        {
            var failure = Translate(error, "write again", 0);
            if (write.IsAcknowledged && error.Error != NbdError.InvalidArgument)
            {
                return error.Error == NbdError.NoSpace || tries < MaxReplayTries
                    ? false : throw await LeaveAsync(connection, error).ConfigureAwait(false);
            }

            write.Failure = !write.IsAcknowledged ? failure : throw new SnapshotGrainsException(
                ErrorCode.DiskFailed, $"A write to '{Name}' was lost with its home: {failure.Message}", failure);
            return true;
        }
    }

    /// <summary>The link finds the home anew, and all is made again there.</summary>
    private static async ValueTask<NbdException> LeaveAsync(HomeConnection connection, NbdException why)
    {
        await connection.Home.AbortAsync().ConfigureAwait(false);
        return why;
    }

    /// <summary>In the background, so that the log does not fill up; whoever waits for room waits for this.</summary>
    private void FlushIfHalfFull()
    {
        lock (_flushGate)
        {
            if (_log.IsHalfFull && _flushing.IsCompleted)
            {
                _flushing = Task.Run(async () => await FlushAsync(CancellationToken.None).ConfigureAwait(false));
            }
        }
    }

    /// <summary>Asks the home, or the next one if that goes away meanwhile.</summary>
    private async ValueTask AskAsync(
        string act, long offset, Func<NbdClient, Task> ask, CancellationToken cancellationToken)
    {
        for (var isDone = false; !isDone;)
        {
            var connection = await _link.GetAsync(cancellationToken).ConfigureAwait(false);
            isDone = await TryAsync(act, offset, connection, ask, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>False when the home went away: another one is to be asked.</summary>
    private async ValueTask<bool> TryAsync(
        string act, long offset, HomeConnection connection, Func<NbdClient, Task> ask,
        CancellationToken cancellationToken)
    {
        try
        {
            // Not cancelled: its reply may come at any time, into memory that must still be there.
            await ask(connection.Home).ConfigureAwait(false);
            return true;
        }
        catch (NbdException error)
        {
            if (connection.Home.IsOpen && error.Error != NbdError.Shutdown)
            {
                throw Translate(error, act, offset);
            }

            cancellationToken.ThrowIfCancellationRequested();
            await connection.Home.AbortAsync().ConfigureAwait(false);
            return false;
        }
    }

    private void CheckWrite(long offset, long length)
    {
        if (IsReadOnly)
        {
            throw ReadOnlyError();
        }

        _link.CheckNotGone();
        CheckRange(offset, length);
    }

    private CancellationTokenSource DeadlineOf(CancellationToken cancellationToken)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _link.Gone);
        deadline.CancelAfter(_options.IoTimeout);
        return deadline;
    }

    private SnapshotGrainsException TimedOut(string act, long offset)
    {
        _link.CheckNotGone();
        return new SnapshotGrainsException(
            ErrorCode.SiloUnavailable,
            $"To {act} '{Name}' at byte {offset} failed: its home did not come back within "
            + $"{_options.IoTimeout.TotalSeconds:0} s.");
    }

    private SnapshotGrainsException Translate(NbdException error, string act, long offset) => new(
        error.Error switch
        {
            NbdError.NoSpace => ErrorCode.NoSpace,
            NbdError.InvalidArgument => ErrorCode.BadRequest,
            _ => ErrorCode.DiskFailed,
        },
        $"To {act} '{Name}' at byte {offset} failed: {error.Message}",
        error);
}
