using System.Collections.Immutable;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Calls;

[Collection(SharedClusterGroup.Name)]
public sealed class MessageTypeTests(SharedCluster cluster)
{
    private IUnsafeGrain Grain => cluster.Client.GetGrain<IUnsafeGrain>(Gate.NewName());

    // What could be changed after it is sent, or what Orleans could not send, is refused at the first call, by name.
    [Fact]
    public async Task What_can_change_is_refused()
    {
        await RefusesAsync(grain => grain.BytesAsync([1]), "*BytesAsync*bytes*System.Byte*Immutable*");
        await RefusesAsync(grain => grain.ListAsync(), "*ListAsync*result*List*");
        await RefusesAsync(grain => grain.NestedAsync([[1]]), "*NestedAsync*bytes*");
        await RefusesAsync(grain => grain.MarkedAsync(new("x")), "*MarkedAsync*UnserializablePayload*");
    }

    // What is immutable, or promised to be, passes.
    [Fact]
    public async Task What_cannot_change_passes()
    {
        await Grain.PromisedAsync([1]);
        var values = ImmutableDictionary<string, (int, Payload?)>.Empty.Add("a", (1, new("b", 2)));
        (await Grain.WrappedAsync(values)).Value.Should().HaveCount(1);
    }

    private Task RefusesAsync(Func<IUnsafeGrain, Task> call, string message)
    {
        Grain.Invoking(grain => { call(grain); }).Should().Throw<NotSupportedException>().WithMessage(message);
        return Task.CompletedTask;
    }
}
