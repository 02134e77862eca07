namespace SnapshotGrains.Disks.Tests;

/// <summary>Shows that a disk's turns come one after the other, and that disks do not wait for one another.</summary>
public sealed class DiskTurnsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly DiskTurns _turns = new();

    [Fact]
    public async Task The_next_is_let_in_when_the_turn_ends()
    {
        var disk = Guid.NewGuid();
        var first = await _turns.EnterAsync(disk, CancellationToken.None);
        var second = _turns.EnterAsync(disk, CancellationToken.None).AsTask();
        _turns.TryEnter(disk).Should().BeNull();
        second.IsCompleted.Should().BeFalse();

        first.Dispose();

        using var turn = await second.WaitAsync(Patience);
        _turns.TryEnter(disk).Should().BeNull("the second is in");
    }

    // Many enough that any sharing of turns would make some of them wait.
    [Fact]
    public async Task Disks_do_not_wait_for_one_another()
    {
        using var held = await _turns.EnterAsync(Guid.NewGuid(), CancellationToken.None);

        for (var i = 0; i < 1000; i++)
        {
            using var other = await _turns.EnterAsync(Guid.NewGuid(), CancellationToken.None).AsTask()
                .WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_nothing_behind()
    {
        var disk = Guid.NewGuid();
        using var giveUp = new CancellationTokenSource();
        var first = await _turns.EnterAsync(disk, CancellationToken.None);
        var second = _turns.EnterAsync(disk, giveUp.Token).AsTask();

        await giveUp.CancelAsync();
        await FluentActions.Awaiting(() => second.WaitAsync(Patience))
            .Should().ThrowAsync<OperationCanceledException>();
        first.Dispose();

        using var turn = _turns.TryEnter(disk);
        turn.Should().NotBeNull("nobody is in, and nobody waits");
    }
}
