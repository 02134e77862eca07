using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SnapshotGrains.Client;
using SnapshotGrains.Silo.Events;
using SnapshotGrains.Silo.Tests.Cli;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Events;

/// <summary>Shows that who listens to one process hears of the others, and where something was lost.</summary>
public sealed class EventRelayTests
{
    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly EventHub _hub = new();
    private IReadOnlyList<Uri> _others = [];

    /// <summary>From the moment on that the listener is let in, for as long as he stays.</summary>
    [Fact]
    public async Task What_happens_in_another_process_is_heard_of()
    {
        await using var silo = await StartAsync();
        _others = [silo.Process.HttpAddress];
        await using var relay = Relay();
        await relay.ConnectAsync(None);
        silo.Process.EventListeners.Should().Be(0, "nobody listens here");

        using (var listener = _hub.Subscribe(new EventQuery("vm")))
        {
            await relay.ConnectAsync(None);
            silo.Process.EventListeners.Should().Be(1);
            await silo.Remote.CloneAsync(Image, "other", HydrationMode.None);
            await silo.Remote.CloneAsync(Image, "vm", HydrationMode.Eager);
            (await HearAsync(listener, text => text.Contains("\"ready\""))).Should()
                .OnlyContain(text => text.Contains("event: disk") && text.Contains("\"vm\""));
        }

        await Eventually.IsTrueAsync(
            () => Task.FromResult(silo.Process.EventListeners == 0), "the other process is left alone");
    }

    /// <summary>Each asks all others himself: what came from elsewhere, or all can see, is not passed on.</summary>
    [Fact]
    public void Nothing_goes_round_in_circles()
    {
        using var process = _hub.Subscribe(new EventQuery(IsOfProcess: true));
        using var listener = _hub.Subscribe(new EventQuery(Hydration: true));
        _hub.Queries.Should().ContainSingle("nobody is to look for the sake of another process");
        _hub.Relay(new DiskEvent(1, Samples.Disk("vm1")));
        _hub.Relay(new BatchEvent(2, Samples.Batch(BatchCloneState.Running, created: 1)));
        _hub.RelayGap(missed: 1);
        _hub.Publish(Samples.Batch(BatchCloneState.Running, created: 2), EventOrigin.Seen);
        _hub.Publish(Samples.Progress(DiskState.LazyLoading, 1));
        process.TryTake(out _).Should().BeFalse();
        NamesOf(listener).Should().Equal("disk", "batch", "lagged", "batch", "hydration");

        _hub.Publish(Samples.Disk("vm2"));
        NamesOf(process).Should().Equal("disk");
    }

    /// <summary>The process that cloned a disk may tell of it after the one that is its home.</summary>
    [Fact]
    public void What_is_older_than_what_was_heard_is_not_told()
    {
        using var listener = _hub.Subscribe(new EventQuery());
        var cloned = Samples.Disk("vm") with { State = DiskState.Created };
        _hub.Relay(new DiskEvent(1, cloned));
        _hub.Publish(cloned with { State = DiskState.LazyLoading, Home = Guid.NewGuid() });
        _hub.Relay(new DiskEvent(2, cloned));
        _hub.Relay(new DiskEvent(3, cloned with { Id = Guid.NewGuid() }));
        NamesOf(listener).Should().HaveCount(3);
    }

    /// <summary>Nobody waits long for a process that does not answer; when it does, what was lost is told as a gap.
    /// </summary>
    [Fact]
    public async Task A_process_that_joins_late_is_told_as_a_gap()
    {
        await using var silo = await StartAsync();
        _others = [new Uri($"http://127.0.0.1:{FreePorts.One()}")];
        using var listener = _hub.Subscribe(new EventQuery("vm"));
        await using var relay = Relay();
        await relay.ConnectAsync(None).WaitAsync(TimeSpan.FromSeconds(20));
        NamesOf(listener).Should().BeEmpty();

        _others = [silo.Process.HttpAddress];
        await HearAsync(listener, text => text.Contains("event: lagged"));
        await Eventually.IsTrueAsync(
            () => Task.FromResult(silo.Process.EventListeners == 1), "the new process is listened to");
        await silo.Remote.CloneAsync(Image, "vm", HydrationMode.None);
        await HearAsync(listener, text => text.Contains("event: disk"));
    }

    private EventRelay Relay() => new(
        _hub, _ => new(_others), process => new HttpControlPlane(new HttpClient { BaseAddress = process }),
        TimeProvider.System, NullLogger<EventRelay>.Instance);

    private static async Task<TestSilo> StartAsync()
    {
        var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync($"{Image}", TestImage.Random(4 * TestImage.Segment));
        return silo;
    }

    private static async Task<List<string>> HearAsync(EventSubscription listener, Func<string, bool> isLast)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var heard = new List<string>();
        while (heard.Count == 0 || !isLast(heard[^1]))
        {
            await listener.WaitAsync(patience.Token);
            while (listener.TryTake(out var message))
            {
                heard.Add(Encoding.UTF8.GetString(message.Bytes.Span));
            }
        }

        return heard;
    }

    private static IEnumerable<string> NamesOf(EventSubscription listener)
    {
        while (listener.TryTake(out var message))
        {
            yield return message.Name;
        }
    }
}
