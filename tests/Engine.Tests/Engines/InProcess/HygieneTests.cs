using System.Runtime.CompilerServices;
using Orleans.Configuration;
using SnapshotGrains.Engine.Tests.Activations;
using SnapshotGrains.Engine.Tests.Calls;
using SnapshotGrains.Engine.Tests.Load;

namespace SnapshotGrains.Engine.Tests.Cluster;

[Collection(SequentialGroup.Name)]
public sealed class HygieneTests
{
    // A host that is disposed of without being stopped counts as dead: its callers learn of it at once, and
    // the grains of other silos stay where they are.
    [Fact]
    public async Task A_disposed_silo_is_dead()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var gate = Gate.NewName();
        var grains = Enumerable.Range(0, 20).Select(i => cluster.Client.GetGrain<ILifeGrain>(
            $"{gate}-{i}", typeof(LifeGrain).FullName)).ToArray();
        var there = cluster.Silos[1].Address.ToParsableString();
        var places = await Task.WhenAll(grains.Select(grain => grain.SiloAsync()));
        var victim = grains[Array.IndexOf(places, there)];
        var call = victim.WorkAsync(gate);
        await Gate.Of(gate).Entered;
        cluster.Silos[1].Dispose();
        var act = () => call;
        await act.Should().ThrowAsync<SiloUnavailableException>();
        var later = await Task.WhenAll(grains.Select(grain => grain.SiloAsync()));
        later.Should().NotContain(there);
        later.Where((_, i) => places[i] != there).Should().Equal(places.Where(place => place != there));
        Gate.Of(gate).Open();
    }

    // Calls made by a silo that has stopped fail, whichever way it stopped.
    [Fact]
    public async Task A_stopped_silo_makes_no_calls()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var factory = cluster.Silos[1].Factory;
        await cluster.Silos[1].KillAsync();
        await factory.GetGrain<ICallGrain>("x").Awaiting(grain => grain.KeyAsync())
            .Should().ThrowAsync<SiloUnavailableException>();
    }

    // Nothing keeps an ended activation in memory.
    [Fact]
    public async Task Ended_activations_are_garbage()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        var before = await management.GetTotalActivationCount();
        var schedulers = await ActivateAsync(cluster, 500);
        await management.ForceActivationCollection(TimeSpan.Zero);
        await Waiting.UntilAsync(
            async () => await management.GetTotalActivationCount() <= before, "all activations collected");
        await Waiting.UntilAsync(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();

                // Some thread may still hold the one that it looked at last.
                return Task.FromResult(schedulers.Count(scheduler => scheduler.IsAlive) <= 5);
            },
            "the memory given back");
    }

    // Failures of all kinds leave no exception unobserved.
    [Fact]
    public async Task No_exception_is_left_unobserved()
    {
        List<Exception> unobserved = [];
        void Note(object? sender, UnobservedTaskExceptionEventArgs args) => unobserved.Add(args.Exception);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await FailInManyWaysAsync();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        unobserved.Should().BeEmpty();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference[]> ActivateAsync(TestCluster cluster, int count)
    {
        var run = Gate.NewName();
        var grains = Enumerable.Range(0, count).Select(i => cluster.Client.GetGrain<IGarbageGrain>($"{run}-{i}"));
        await Task.WhenAll(grains.Select(grain => grain.TouchAsync()));
        return GarbageGrain.TakeAll();
    }

    private static async Task FailInManyWaysAsync()
    {
        await using var cluster = await TestCluster.StartAsync(
            2,
            silo => silo.Configure<SiloMessagingOptions>(
                options => options.ResponseTimeout = TimeSpan.FromSeconds(0.2)));
        var gate = Gate.NewName();
        using var cancellation = new CancellationTokenSource();
        var factory = cluster.Silos[0].Factory;
        var failing = factory.GetGrain<IFailingGrain>(gate, typeof(FailingConstructorGrain).FullName);
        var call = factory.GetGrain<ICallGrain>(gate);
        Task[] calls =
        [
            failing.AnswerAsync(), call.ThrowAsync("x"), call.WaitAsync(gate, cancellation.Token),
            call.WaitAsync(gate, CancellationToken.None),
            factory.GetGrain<ICallGrain>("other").WaitAsync(gate, default),
        ];
        await Gate.Of(gate).Entered;
        await cancellation.CancelAsync();
        await Task.WhenAll(calls.Select(task => task.ContinueWith(static t => t.Exception, TaskScheduler.Default)));
        Gate.Of(gate).Open();
        await cluster.Silos[1].KillAsync();
    }
}
