using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.MembershipService.SiloMetadata;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Membership;

public sealed class MembershipTests
{
    // The management grain lists the silos with names and states; each silo's metadata is known to all of them;
    // lifecycle participants start before a silo takes calls and stop after its grains.
    [Fact]
    public async Task Silos_know_each_other()
    {
        var stages = new List<string>();
        await using var cluster = await TestCluster.StartAsync(1);
        await cluster.AddSiloAsync(silo =>
        {
            silo.UseSiloMetadata(new Dictionary<string, string> { ["http"] = "127.0.0.1:8080" });
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(new Participant(stages));
        });
        await cluster.UntilActiveAsync(2);
        stages.Should().Equal("start services", "start active");

        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        var hosts = await management.GetDetailedHosts(onlyActive: true);
        hosts.Select(host => (host.SiloName, host.SiloAddress, host.Status)).Should().BeEquivalentTo(
            cluster.Silos.Select(silo => (silo.Name, silo.Address, SiloStatus.Active)));
        (await management.GetHosts(onlyActive: true)).Keys.Should().BeEquivalentTo(
            cluster.Silos.Select(silo => silo.Address));

        var cache = cluster.Silos[1].Host.Services.GetRequiredService<ISiloMetadataCache>();
        cache.GetSiloMetadata(cluster.Silos[1].Address).Metadata["http"].Should().Be("127.0.0.1:8080");
        cache.GetSiloMetadata(cluster.Silos[0].Address).Metadata.Should().BeEmpty();

        await cluster.Silos[1].StopAsync();
        stages.Should().Equal("start services", "start active", "stop active", "stop services");
        await Waiting.UntilAsync(
            async () => (await management.GetHosts()).GetValueOrDefault(cluster.Silos[1].Address) == SiloStatus.Dead,
            "the stopped silo listed as dead");
    }

    // A client that starts before there is a silo waits for one.
    [Fact]
    public async Task A_client_waits_for_a_silo()
    {
        await using var cluster = new TestCluster();
        var starting = cluster.StartClientAsync();
        starting.IsCompleted.Should().BeFalse();
        await cluster.AddSiloAsync();
        await starting;
        (await cluster.Client.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Should().HaveCount(1);
    }

    private sealed class Participant(List<string> stages) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle)
        {
            Subscribe(lifecycle, "services", ServiceLifecycleStage.ApplicationServices);
            Subscribe(lifecycle, "active", ServiceLifecycleStage.Active);
        }

        private void Subscribe(ISiloLifecycle lifecycle, string name, int stage) => lifecycle.Subscribe(
            nameof(Participant), stage, _ => Note($"start {name}"), _ => Note($"stop {name}"));

        private Task Note(string text)
        {
            stages.Add(text);
            return Task.CompletedTask;
        }
    }
}
