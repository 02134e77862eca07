using SnapshotGrains.Nbd;
using SnapshotGrains.Silo.Tests.Crash;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Agents;

/// <summary>A guest of an agent goes on through the death of the process that keeps its disk.</summary>
public sealed class AgentCrashTests
{
    private const int Guests = 4;
    private const int Segment = TestImage.Segment;

    // The silo is killed again and again under four guests that flush rarely. None gets an error or reads a byte that
    // is not the last one written, and at the end the disk itself has all of them.
    [Fact]
    public async Task Guests_lose_nothing_when_the_silo_is_killed()
    {
        await using var silo = new SiloChild { Http = $"127.0.0.1:{FreePorts.One()}", Nbd = "127.0.0.1:0" };
        await silo.StartAsync();
        var content = TestImage.Random(Guests * 2 * Segment, seed: 9);
        await silo.ImportAsync("img@1", content);
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "vm");
        await using (var agent = await TestAgent.StartAsync(silo.Api.Server, ["vm"]))
        {
            await WorkAsync(silo, agent, content);
        }

        await using var disk = await ConnectAfterAgentAsync(silo);
        var stored = new byte[content.Length];
        await disk.ReadAsync(0, stored);
        stored.AsSpan().SequenceEqual(content).Should().BeTrue("the disk has what its guests wrote");
    }

    /// <summary>The agent has hung up, for which NBD has no answer: the silo may still be detaching the disk.</summary>
    private static async Task<NbdClient> ConnectAfterAgentAsync(SiloChild silo)
    {
        NbdClient? disk = null;
        await Eventually.IsTrueAsync(
            async () =>
            {
                try
                {
                    disk = await silo.ConnectAsync("vm");
                    return true;
                }
                catch (NbdException)
                {
                    return false;
                }
            },
            "the agent's disk is detached");
        return disk!;
    }

    private static async Task WorkAsync(SiloChild silo, TestAgent agent, byte[] content)
    {
        using var stop = new CancellationTokenSource();
        var connections = await Task.WhenAll(Enumerable.Range(0, Guests).Select(_ => agent.ConnectAsync("vm")));
        var guests = connections.Select((connection, index) => new GuestWork(
            connection, content, index * 2 * Segment, 2 * Segment, seed: 100 + index)).ToArray();
        var work = Task.WhenAll(guests.Select(guest => Task.Run(() => guest.RunAsync(stop.Token))));
        var random = new Random(17);
        for (var round = 0; round < TestTier.Pick(quick: 3, full: 25) && !work.IsCompleted; round++)
        {
            var busy = guests.Sum(guest => guest.Requests) + random.Next(100, 2000);
            await Eventually.IsTrueAsync(
                () => Task.FromResult(guests.Sum(guest => guest.Requests) >= busy || work.IsCompleted),
                "the guests go on");
            await silo.KillAsync();
            await silo.StartAsync();
        }

        await stop.CancelAsync();
        await work;
        await Task.WhenAll(guests.Select(guest => guest.CheckAllAsync()));
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }
}
