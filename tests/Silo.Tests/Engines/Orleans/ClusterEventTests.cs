using SnapshotGrains.Client;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Cluster;

/// <summary>Any process of a cluster tells of what happens in all.</summary>
public sealed class ClusterEventTests(ClusterDatabases databases) : ClusterTests(databases)
{
    private const int Disks = 8;

    private static readonly SnapshotId Image = SnapshotId.Parse("img@1");

    // Each process tells of the life of disks that one of them cloned, whichever of them is their home.
    [RequiresToolFact(PostgresServer.Tool)]
    public async Task Who_listens_to_one_process_hears_of_disks_of_all()
    {
        var connection = await Databases.PrepareAsync(Membership.Postgres);
        await using var a = await SiloProcess.StartAsync(SettingsOf(Membership.Postgres, connection, "a"), None);
        await using var b = await SiloProcess.StartAsync(SettingsOf(Membership.Postgres, connection, "b"), None);
        await using var atA = SnapshotGrainsClient.Connect(a.HttpAddress);
        await using var atB = SnapshotGrainsClient.Connect(b.HttpAddress);
        var content = new ByteArrayContent(TestImage.Random(4 * TestImage.Segment));
        await ApiOf(atA).ImportImageAsync(Image, content, TestImage.Segment, None);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var eventsOfA = await ApiOf(atA).ListenAsync(new EventQuery(), end.Token);
        await using var eventsOfB = await ApiOf(atB).ListenAsync(new EventQuery(), end.Token);

        string[] disks = [.. Enumerable.Range(1, Disks).Select(n => $"vm{n}")];
        await atA.Control.CloneAsync(Image, disks, new CloneOptions(HydrationMode.Eager), end.Token);

        var heard = await Task.WhenAll(ReadyAsync(eventsOfA, end.Token), ReadyAsync(eventsOfB, end.Token));
        heard[0].Should().BeEquivalentTo(heard[1]);
        heard[0].Select(disk => disk.Name).Should().BeEquivalentTo(disks);
        heard[0].Select(disk => disk.Home).Distinct().Should().HaveCount(2, "both have disks");
    }

    private static HttpControlPlane ApiOf(SnapshotGrainsClient client) => (HttpControlPlane)client.Control;

    /// <summary>Listens until all disks are ready.</summary>
    private static async Task<IReadOnlyCollection<DiskInfo>> ReadyAsync(EventStream events, CancellationToken end)
    {
        var ready = new Dictionary<string, DiskInfo>();
        await foreach (var one in events.ReadAsync(end))
        {
            if (one is DiskEvent { Disk: { State: DiskState.Ready } disk })
            {
                ready.Add(disk.Name, disk);
            }

            if (ready.Count == Disks)
            {
                break;
            }
        }

        return ready.Values;
    }
}
