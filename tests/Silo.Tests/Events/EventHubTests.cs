using System.Text;
using SnapshotGrains.Silo.Events;
using SnapshotGrains.Silo.Tests.Cli;

namespace SnapshotGrains.Silo.Tests.Events;

/// <summary>Shows that a slow listener loses events, not its place, and costs nobody anything.</summary>
public sealed class EventHubTests
{
    [Fact]
    public void A_gap_is_told_where_it_is()
    {
        var hub = new EventHub();
        using var slow = hub.Subscribe(new EventQuery());
        using var quick = hub.Subscribe(new EventQuery());
        var heard = 0;
        for (var i = 0; i < EventSubscription.Capacity + 5; i++)
        {
            hub.Publish(Samples.Disk($"vm{i}"));
            heard += quick.TryTake(out _) ? 1 : 0;
        }

        heard.Should().Be(EventSubscription.Capacity + 5);
        for (var id = 1; id <= EventSubscription.Capacity; id++)
        {
            slow.TryTake(out var message).Should().BeTrue();
            message!.Id.Should().Be(id);
        }

        slow.TryTake(out var gap).Should().BeTrue();
        Encoding.UTF8.GetString(gap!.Bytes.Span).Should().Be(
            $"id: {EventSubscription.Capacity}\nevent: lagged\ndata: {{\"missed\":5}}\n\n");
        slow.TryTake(out _).Should().BeFalse();
        hub.Publish(Samples.Disk("next"));
        slow.TryTake(out var next).Should().BeTrue();
        next!.Disk.Should().Be("next");
    }

    [Fact]
    public void Listeners_get_what_they_want_and_nothing_after_they_have_left()
    {
        var hub = new EventHub();
        var one = hub.Subscribe(new EventQuery("vm1", Hydration: true));
        using var all = hub.Subscribe(new EventQuery());
        hub.Publish(Samples.Disk("vm1"));
        hub.Publish(Samples.Disk("vm2"));
        hub.Publish(Samples.Batch(BatchCloneState.Running, created: 1));
        hub.Publish(Samples.Progress(DiskState.LazyLoading, 1));
        Names(one).Should().Equal("disk", "hydration");
        Names(all).Should().Equal("disk", "disk", "batch");

        one.Dispose();
        hub.Publish(Samples.Disk("vm1"));
        Names(one).Should().BeEmpty();
    }

    /// <summary>What a clone knows of its disks is old when it ends, and must not come after what is newer.</summary>
    [Fact]
    public void A_cloned_disk_that_was_heard_of_meanwhile_is_not_told_of_again()
    {
        var hub = new EventHub();
        var states = new List<(string, DiskState)>();
        hub.DiskPublished += disk => states.Add((disk.Name, disk.State));
        var (eager, idle) = (Samples.Disk("eager"), Samples.Disk("idle") with { Id = Guid.NewGuid() });
        using (var clone = hub.BeginClone(["eager", "idle"]))
        {
            hub.Publish(Samples.Disk("idle") with { Id = Guid.NewGuid(), State = DiskState.Deleting });
            hub.Publish(eager with { State = DiskState.LazyLoading });
            clone.Publish([eager with { State = DiskState.Created }, idle with { State = DiskState.Created }]);
        }

        using (var again = hub.BeginClone(["eager"]))
        {
            again.Publish([eager with { State = DiskState.Ready }]);
        }

        states.Should().Equal(
            ("idle", DiskState.Deleting), ("eager", DiskState.LazyLoading), ("idle", DiskState.Created),
            ("eager", DiskState.Ready));
    }

    [Fact]
    public void Only_so_many_may_listen()
    {
        var hub = new EventHub();
        for (var i = 0; i < EventHub.MaxSubscribers; i++)
        {
            hub.Subscribe(new EventQuery());
        }

        FluentActions.Invoking(() => hub.Subscribe(new EventQuery())).Should().Throw<SnapshotGrainsException>()
            .Which.IsTransient.Should().BeTrue();
    }

    private static List<string> Names(EventSubscription subscription)
    {
        var names = new List<string>();
        while (subscription.TryTake(out var message))
        {
            names.Add(message.Name);
        }

        return names;
    }
}
