using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using SnapshotGrains.Engine.Tests.Activations;
using SnapshotGrains.Engine.Tests.Calls;
using SnapshotGrains.Engine.Tests.Cluster;

namespace SnapshotGrains.Engine.Tests.Filters;

public sealed class FilterTests
{
    // Filters see calls on their way out and in, may replace a result, and see errors.
    [Fact]
    public async Task Filters_see_calls_and_may_change_results()
    {
        var log = new ConcurrentQueue<string>();
        await using var cluster = await TestCluster.StartAsync(
            1,
            silo =>
            {
                silo.Services.AddSingleton(log);
                silo.AddIncomingGrainCallFilter<Incoming>();
            },
            client =>
            {
                client.Services.AddSingleton(log);
                client.AddOutgoingGrainCallFilter<Outgoing>();
            });
        var grain = cluster.Client.GetGrain<ICallGrain>("filtered");
        (await grain.KeyAsync()).Should().Be("FILTERED!");
        await grain.Awaiting(g => g.ThrowAsync("seen")).Should().ThrowAsync<TestFailureException>().WithMessage("seen");
        log.Should().Equal(
            "out KeyAsync", "in KeyAsync CallGrain", "in end filtered", "out end FILTERED",
            "out ThrowAsync", "in ThrowAsync CallGrain", "in error seen");
    }

    public sealed class Incoming(ConcurrentQueue<string> log) : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            if (context.Grain is not CallGrain)
            {
                await context.Invoke();
                return;
            }

            log.Enqueue($"in {context.ImplementationMethod.Name} {context.ImplementationMethod.DeclaringType!.Name}");
            try
            {
                await context.Invoke();
                log.Enqueue($"in end {context.Result}");
                context.Result = ((string?)context.Result)?.ToUpperInvariant();
            }
            catch (TestFailureException exception)
            {
                log.Enqueue($"in error {exception.Message}");
                throw;
            }
        }
    }

    public sealed class Outgoing(ConcurrentQueue<string> log) : IOutgoingGrainCallFilter
    {
        public async Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.InterfaceMethod.DeclaringType != typeof(ICallGrain))
            {
                await context.Invoke();
                return;
            }

            log.Enqueue($"out {context.MethodName}");
            await context.Invoke();
            log.Enqueue($"out end {context.Result}");
            context.Result += "!";
        }
    }
}
