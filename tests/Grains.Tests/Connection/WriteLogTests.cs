using SnapshotGrains.Client;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows which writes are kept to be made again.</summary>
public sealed class WriteLogTests
{
    private readonly WriteLog _log = new(1 << 20);

    [Fact]
    public async Task A_flush_takes_out_what_it_made_durable()
    {
        var first = await WriteAsync(0);
        var flush = _log.Acknowledged();
        var second = await WriteAsync(0);

        _log.Flushed(flush);

        _log.Pin().Should().Equal(second);
        first.IsDropped.Should().BeTrue();
    }

    /// <summary>
    /// The answer to a flush may be seen late, when the writes are being made again on another connection: the older of
    /// two may lie over the newer one then. Both stay until both have been made again.
    /// </summary>
    [Fact]
    public async Task What_is_being_made_again_stays_until_all_of_it_is()
    {
        LoggedWrite[] writes = [await WriteAsync(0), await WriteAsync(0)];
        var flush = _log.Acknowledged();
        var broken = _log.Pin();
        _log.Flushed(flush);
        _log.Unpin(broken, isDone: false);

        var again = _log.Pin();
        again.Should().Equal(writes);
        _log.Flushed(flush);
        _log.Unpin(again, isDone: true);

        _log.Pin().Should().BeEmpty();
    }

    /// <summary>Who waits for room gets it also when what was flushed was in use at first.</summary>
    [Fact]
    public async Task Room_is_told_of_when_what_was_flushed_is_not_needed_any_more()
    {
        await WriteAsync(0, 1 << 20);
        var flush = _log.Acknowledged();
        var pinned = _log.Pin();
        var waiting = WriteAsync(4096);
        _log.Flushed(flush);
        waiting.IsCompleted.Should().BeFalse("the bytes are still needed");

        _log.Unpin(pinned, isDone: true);

        (await waiting.WaitAsync(TimeSpan.FromSeconds(10))).IsDropped.Should().BeFalse();
    }

    private async Task<LoggedWrite> WriteAsync(long offset, int length = 10)
    {
        var write = await _log.AddAsync(
            WriteKind.Data, offset, length, new byte[length], isDurable: false, CancellationToken.None);
        _log.Acknowledge(write);
        return write;
    }
}
