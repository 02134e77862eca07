using SnapshotGrains.Engine.Tests.Calls;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Identity;

[Collection(SharedClusterGroup.Name)]
public sealed class IdentityTests(SharedCluster cluster)
{
    // A grain's id is its class's name in lower case, without the word grain, and its key.
    [Fact]
    public void Grain_ids_have_type_and_key()
    {
        var grain = cluster.Client.GetGrain<ICallGrain>("disk/1");
        var id = grain.GetGrainId();
        id.ToString().Should().Be("call/disk/1");
        id.Key.ToString().Should().Be("disk/1");
        GrainId.Parse("call/disk/1").Should().Be(id);
        GrainId.Create("call", "disk/1").Should().Be(id);
        GrainId.TryParse("nothing", out _).Should().BeFalse();
        id.CompareTo(GrainId.Create("call", "disk/2")).Should().BeNegative();
    }

    // Integer keys are hexadecimal in ids and come back as integers, negative ones too.
    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Integer_keys_come_back(long key)
    {
        var grain = cluster.Client.GetGrain<IManagementGrain>(key);
        grain.GetPrimaryKeyLong().Should().Be(key);
        grain.GetGrainId().Key.ToString().Should().Be(key.ToString("X"));
        cluster.Client.GetGrain<ICallGrain>("text").Invoking(g => g.GetPrimaryKeyLong())
            .Should().Throw<InvalidOperationException>();
    }

    // A silo address survives its text form, and orders by generation before port.
    [Fact]
    public void Silo_addresses_have_a_text_form()
    {
        var address = cluster.Silos[0].Address;
        var text = address.ToParsableString();
        text.Should().Be($"127.0.0.1:{cluster.Silos[0].SiloPort}@{address.Generation}");
        SiloAddress.FromParsableString(text).Should().Be(address);
        address.Should().NotBe(cluster.Silos[1].Address);
        var older = SiloAddress.New(address.Endpoint.Address, 65000, address.Generation - 1);
        address.CompareTo(older).Should().BePositive();
        address.CompareTo(SiloAddress.FromParsableString(text)).Should().Be(0);
        FluentActions.Invoking(() => SiloAddress.FromParsableString("nowhere")).Should().Throw<FormatException>();
    }
}
