using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests.Connection;

/// <summary>Shows that a node that cannot serve a request does not keep its clients.</summary>
public sealed class FailoverTests
{
    private static readonly Uri[] Servers = [new("http://one"), new("http://two"), new("http://three")];

    private readonly FakeTime _time = new();

    [Fact]
    public async Task What_a_node_cannot_answer_now_the_next_one_is_asked()
    {
        var nodes = new AnsweringNodes(host => host == "two" ? new() : AnsweringNodes.Busy());
        using var http = Over(nodes);
        (await http.GetAsync("/v1/disks")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await http.GetAsync("/v1/disks")).StatusCode.Should().Be(HttpStatusCode.OK);
        nodes.Asked.Should().Equal("one", "two", "two");
    }

    [Fact]
    public async Task Each_node_is_asked_once_and_the_last_answer_is_the_callers()
    {
        var nodes = new AnsweringNodes(_ => AnsweringNodes.Busy());
        using var http = Over(nodes);
        (await http.GetAsync("/v1/disks")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        nodes.Asked.Should().Equal("one", "two", "three");
    }

    /// <summary>It may have been done in part: whether to repeat it is the caller's decision.</summary>
    [Fact]
    public async Task A_change_is_sent_once_and_the_next_request_goes_elsewhere()
    {
        var nodes = new AnsweringNodes(host => host == "two" ? new() : AnsweringNodes.Busy());
        using var http = Over(nodes);
        (await http.PostAsync("/v1/disks", null)).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await http.PostAsync("/v1/disks", null)).StatusCode.Should().Be(HttpStatusCode.OK);
        nodes.Asked.Should().Equal("one", "two");
    }

    /// <summary>As long as there are others, and at most a minute.</summary>
    [Fact]
    public async Task A_node_is_left_alone_for_as_long_as_it_asks()
    {
        var nodes = new AnsweringNodes(host => AnsweringNodes.Busy(
            host == "three" ? null : TimeSpan.FromSeconds(host == "one" ? 20 : 3600)));
        using var http = Over(nodes);
        await http.GetAsync("/v1/disks");
        await http.GetAsync("/v1/disks");
        nodes.Asked.Should().Equal("one", "two", "three", "three");

        _time.Advance(TimeSpan.FromSeconds(30));
        await http.GetAsync("/v1/disks");
        nodes.Asked.Skip(4).Should().Equal("three", "one");

        _time.Advance(TimeSpan.FromSeconds(30));
        await http.GetAsync("/v1/disks");
        nodes.Asked.Skip(6).Should().BeEquivalentTo("one", "two", "three");
    }

    /// <summary>A connection that takes too long carried nothing: the others are asked, then all again for a while.
    /// </summary>
    [Fact]
    public async Task Who_does_not_take_a_connection_is_asked_again()
    {
        var nodes = new AnsweringNodes(host => host != "two" || _time.Now < TimeSpan.FromSeconds(7)
            ? throw Silent() : new());
        using var http = Over(nodes);
        (await http.PostAsync("/v1/disks", null)).StatusCode.Should().Be(HttpStatusCode.OK);
        nodes.Asked.Should().Equal("one", "two", "three", "one", "two");
    }

    [Fact]
    public async Task Silence_of_all_is_an_error_after_a_while()
    {
        var nodes = new AnsweringNodes(_ => throw Silent());
        using var http = Over(nodes);
        await http.Awaiting(h => h.GetAsync("/v1/disks")).Should().ThrowAsync<OperationCanceledException>();
        nodes.Asked.Should().HaveCount(5, "each takes two seconds of ten");
    }

    /// <summary>A reader whose own machine stood still has not tried for long.</summary>
    [Fact]
    public async Task A_stall_here_is_not_taken_for_silence_there()
    {
        var nodes = new AnsweringNodes(_ => _time.Now > TimeSpan.Zero ? new() : throw Silent(after: 15));
        using var http = Over(nodes, Servers[0]);
        (await http.GetAsync("/v1/disks")).StatusCode.Should().Be(HttpStatusCode.OK);
        nodes.Asked.Should().Equal("one", "one");
    }

    /// <summary>A machine that hangs takes requests, and says nothing more, to a probe neither.</summary>
    [Fact]
    public async Task A_node_that_hangs_is_not_waited_for_where_there_are_others()
    {
        var nodes = new AnsweringNodes(_ => new()) { IsHeld = uri => uri.Host != "three" };
        using var http = Over(nodes);
        var answer = http.GetAsync("/v1/disks");
        await PassAsync(answer);
        (await answer).StatusCode.Should().Be(HttpStatusCode.OK);
        nodes.Asked.Should().Equal("one", "one", "two", "two", "three");
        _time.Now.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(6), "a second each, and two for the probe");
    }

    /// <summary>Nor is it known what became of a change; and the last node may as well be waited for.</summary>
    [Fact]
    public async Task What_cannot_be_asked_elsewhere_is_waited_for()
    {
        var nodes = new AnsweringNodes(_ => new()) { IsHeld = _ => true };
        using var http = Over(nodes);
        var (change, question) = (http.PostAsync("/v1/disks", null), http.GetAsync("/v1/disks"));
        await PassAsync(question, TimeSpan.FromMinutes(1));
        change.IsCompleted.Should().BeFalse();
        question.IsCompleted.Should().BeFalse();
        nodes.Asked.Should().BeEquivalentTo("one", "one", "one", "two", "two", "three");
    }

    /// <summary>A slow answer is one, as long as the node answers probes.</summary>
    [Fact]
    public async Task A_node_that_is_slow_is_waited_for()
    {
        var nodes = new AnsweringNodes(_ => new()) { IsHeld = uri => uri.AbsolutePath == "/v1/disks" };
        using var http = Over(nodes);
        var answer = http.GetAsync("/v1/disks");
        await PassAsync(answer, TimeSpan.FromSeconds(20));
        answer.IsCompleted.Should().BeFalse();
        nodes.Asked.Should().OnlyContain(host => host == "one").And.HaveCountGreaterThan(5);
    }

    /// <summary>Lets time pass, until the task has ended or so much has passed.</summary>
    private async Task PassAsync(Task until, TimeSpan? most = null)
    {
        var end = _time.Now + (most ?? TimeSpan.FromMinutes(1));
        while (!until.IsCompleted && _time.Now < end)
        {
            // What a timer sets off goes on by itself, on the pool.
            await Task.Delay(20);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await Task.Delay(20);
    }

    /// <summary>What SocketsHttpHandler throws when its ConnectTimeout passes.</summary>
    private OperationCanceledException Silent(int after = 2)
    {
        _time.Advance(TimeSpan.FromSeconds(after));
        return new OperationCanceledException("No connection.", new TimeoutException());
    }

    private HttpClient Over(AnsweringNodes nodes) => Over(nodes, Servers);

    private HttpClient Over(AnsweringNodes nodes, params Uri[] servers) => new(
        new FailoverHandler(new ServerList(servers, _time), servers[0], _time, nodes)) { BaseAddress = servers[0] };
}
