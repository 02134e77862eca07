using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that what a guest was told is written is written again at its disk's new home, whatever that says at
/// first.</summary>
public sealed class RemoteDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeHome _home = new();
    private RemoteDisk _disk = null!;

    public async Task InitializeAsync()
    {
        var info = new DiskInfo(
            "vm", SnapshotId.Parse("img@1"), FakeHome.SizeBytes, 1 << 20, DiskState.LazyLoading,
            DateTimeOffset.UnixEpoch, Guid.NewGuid());
        _disk = new RemoteDisk(
            info, new DiskExportName("vm", DiskAccess.ReadWrite, "host", DiskForm.Stored), _home,
            new ReplicaReaders(null!, Patience, TimeProvider.System), // nothing of it is inherited
            new RemoteDiskOptions { Host = "host", IoTimeout = Patience, ConnectTimeout = TimeSpan.FromSeconds(2) });
        await _disk.OpenAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _disk.DisposeAsync();
        await _home.DisposeAsync();
    }

    [Fact]
    public async Task Writes_that_were_not_flushed_are_made_again_in_their_order()
    {
        await WriteAsync(1, 0, 100);
        await WriteAsync(2, 50, 100);
        await WriteAsync(3, 4096, 10);

        _home.Die();
        await _disk.FlushAsync(default);

        _home.Content.AsSpan(0, 50).ContainsAnyExcept((byte)1).Should().BeFalse();
        _home.Content.AsSpan(50, 100).ContainsAnyExcept((byte)2).Should().BeFalse();
        _home.Content[4096].Should().Be(3);
        _home.Die();
        await WriteAsync(4, 0, 1);
        _home.Writes.Should().Equal([4], "what was flushed is not made again");
    }

    /// <summary>A full file system, an image center that is away: they pass, and the guest has been promised.</summary>
    [Theory]
    [InlineData(NbdError.NoSpace)]
    [InlineData(NbdError.Io)]
    public async Task A_home_that_refuses_them_at_first_is_asked_again(NbdError error)
    {
        await WriteAsync(1, 0, 100);
        await WriteAsync(2, 50, 100);
        var refusals = 2;
        _home.Refusal = () => Interlocked.Decrement(ref refusals) >= 0 ? error : NbdError.None;

        _home.Die();
        await _disk.FlushAsync(default).AsTask().WaitAsync(Patience);

        _home.Writes.Should().Equal([1, 1, 1, 2], "the later one waits for the one below it");
        _home.Content[0].Should().Be(1);
        _home.Content[50].Should().Be(2);
        _disk.Gone.IsCancellationRequested.Should().BeFalse();
        _home.Connections.Should().Be(2);
    }

    /// <summary>A home whose files have failed opens them again for who comes anew, and for nobody else.</summary>
    [Fact]
    public async Task A_home_that_goes_on_refusing_them_is_found_anew()
    {
        await WriteAsync(1, 0, 100);
        await WriteAsync(2, 50, 100);
        _home.Refusal = () => _home.Connections == 2 ? NbdError.Io : NbdError.None;

        _home.Die();
        await _disk.FlushAsync(default).AsTask().WaitAsync(Patience);

        _home.Connections.Should().Be(3);
        _home.Writes.TakeLast(2).Should().Equal(1, 2);
        _home.Content[50].Should().Be(2);
    }

    /// <summary>Where a write does not fit the disk any more, waiting does not help.</summary>
    [Fact]
    public async Task A_write_that_can_never_be_made_again_ends_the_disk()
    {
        await WriteAsync(1, 0, 100);
        _home.Refusal = () => NbdError.InvalidArgument;

        _home.Die();
        var flush = () => _disk.FlushAsync(default).AsTask().WaitAsync(Patience);

        (await flush.Should().ThrowAsync<SnapshotGrainsException>()).Which.Code.Should().Be(ErrorCode.DiskFailed);
        _disk.Gone.IsCancellationRequested.Should().BeTrue();
    }

    /// <summary>Nobody waits for a home that refuses for ever.</summary>
    [Fact]
    public async Task A_disk_whose_home_refuses_can_be_detached()
    {
        await WriteAsync(1, 0, 100);
        _home.Refusal = () => NbdError.NoSpace;
        _home.Die();
        await Task.Delay(TimeSpan.FromMilliseconds(100));

        await _disk.DisposeAsync().AsTask().WaitAsync(Patience);

        await FluentActions.Awaiting(() => WriteAsync(2, 0, 1).AsTask()).Should().ThrowAsync<SnapshotGrainsException>();
    }

    private ValueTask WriteAsync(byte value, long offset, int length) =>
        _disk.WriteAsync(offset, Enumerable.Repeat(value, length).ToArray(), isDurable: false, default);
}
