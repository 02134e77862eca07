namespace SnapshotGrains.Grains.Tests;

/// <summary>Shows that crashes, storage errors and cancellations leave a batch clone with exactly what it says.
/// </summary>
public sealed class BatchCloneFailureTests
{
    private const int Count = 5_000;

    /// <summary>Reads of the manifest before the third chunk: one for the start, one for each chunk.</summary>
    private const int ReadsBeforeTheMiddle = 3;

    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task The_death_of_its_silo_costs_a_batch_nothing()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var spec = new BatchCloneSpec(await BatchCloneTests.ImportAsync(cluster), "vm-", Count);
        var id = await IdAwayFromSilo0Async(cluster);
        var gate = new ManifestGate(cluster.Center, ReadsBeforeTheMiddle);
        var start = cluster.Control.StartBatchCloneAsync(id, spec, None);
        await gate.Reached;
        var half = await cluster.Control.ListDisksAsync(None);

        await cluster.KillAsync(cluster.HomeOfBatch(id)!);
        gate.Open();
        await start; // the client repeats it, and so begins the operation again elsewhere

        half.Should().HaveCountGreaterThan(0).And.HaveCountLessThan(Count);
        await ShouldBeWholeAsync(cluster, id, spec);
        (await cluster.Control.ListDisksAsync(None)).Intersect(half).Should().HaveCount(
            half.Count, "what there was is not made anew");
    }

    [Fact]
    public async Task A_batch_goes_on_after_the_whole_cluster_was_down()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var spec = new BatchCloneSpec(await BatchCloneTests.ImportAsync(cluster), "vm-", Count);
        var gate = new ManifestGate(cluster.Center, ReadsBeforeTheMiddle);
        var start = cluster.Control.StartBatchCloneAsync("op", spec, None);
        await gate.Reached;
        var half = await cluster.Control.ListDisksAsync(None);

        await cluster.RestartAsync();
        gate.Open();
        await GiveUpAsync(start);
        (await cluster.Control.ListDisksAsync(None)).Should().Equal(half);
        (await cluster.Control.ResumeBatchClonesAsync(None)).Should().Be(1);

        await UntilAsync(async () => (await cluster.Control.ListDisksAsync(None)).Count == Count);
        await ShouldBeWholeAsync(cluster, "op", spec);
        (await cluster.Control.ResumeBatchClonesAsync(None)).Should().Be(0);
    }

    [Fact]
    public async Task A_cancelled_batch_stops_and_counts_what_it_has_created()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var spec = new BatchCloneSpec(await BatchCloneTests.ImportAsync(cluster), "vm-", Count);
        var gate = new ManifestGate(cluster.Center, ReadsBeforeTheMiddle);
        var start = cluster.Control.StartBatchCloneAsync("op", spec, None);
        await gate.Reached;

        var asked = await cluster.Control.CancelBatchCloneAsync("op", None);
        gate.Open();
        var batch = await BatchCloneTests.EndOfAsync(cluster, "op", spec);
        await start;

        asked.State.Should().Be(BatchCloneState.Running, "its chunk is held");
        batch.State.Should().Be(BatchCloneState.Cancelled);
        (batch.Created, batch.Failed).Should().Be(((await cluster.Control.ListDisksAsync(None)).Count, 0));
        batch.Created.Should().BeInRange(asked.Created, Count - 1);
        var results = await BatchCloneTests.AllResultsAsync(cluster, "op");
        results.Count(result => result.IsCreated).Should().Be(batch.Created);
        results.Should().OnlyContain(result => result.Problem == null);
        (await cluster.Control.CancelBatchCloneAsync("op", None)).Should().Be(batch, "it has ended");
    }

    [Fact]
    public async Task A_cancellation_survives_a_crash()
    {
        await using var cluster = await GrainCluster.StartAsync(store: new SharedStore());
        var spec = new BatchCloneSpec(await BatchCloneTests.ImportAsync(cluster), "vm-", Count);
        var gate = new ManifestGate(cluster.Center, ReadsBeforeTheMiddle);
        var start = cluster.Control.StartBatchCloneAsync("op", spec, None);
        await gate.Reached;
        await cluster.Control.CancelBatchCloneAsync("op", None);
        var half = await cluster.Control.ListDisksAsync(None);

        await cluster.RestartAsync();
        gate.Open();
        await GiveUpAsync(start);

        (await BatchCloneTests.EndOfAsync(cluster, "op", spec)).State.Should().Be(BatchCloneState.Cancelled);
        (await cluster.Control.ListDisksAsync(None)).Should().Equal(half);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("batch-progress")]
    [InlineData("batches")]
    [InlineData("disks")]
    public async Task Storage_that_fails_for_a_while_only_holds_a_batch_up(string state)
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(store: store);
        var spec = new BatchCloneSpec(await BatchCloneTests.ImportAsync(cluster), "vm-", 2_000);
        var left = 3;
        store.BeforeWrite = name =>
        {
            if (name == state && Interlocked.Decrement(ref left) >= 0)
            {
                throw new IOException("The disk of the test is full.");
            }
        };

        await cluster.Control.StartBatchCloneAsync("op", spec, None);

        left.Should().BeNegative();
        await ShouldBeWholeAsync(cluster, "op", spec);
    }

    [Fact]
    public async Task A_snapshot_that_goes_away_ends_a_batch_and_fails_the_rest()
    {
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: new SharedStore());
        var spec = new BatchCloneSpec(await BatchCloneTests.ImportAsync(cluster), "vm-", Count);
        var gate = new ManifestGate(cluster.Center, ReadsBeforeTheMiddle);
        var start = cluster.Control.StartBatchCloneAsync("op", spec, None);
        await gate.Reached;
        await cluster.RestartAsync();
        gate.Open();
        await GiveUpAsync(start);
        await cluster.Control.DeleteImageAsync(spec.Snapshot, isDeferred: true, None);

        var batch = await BatchCloneTests.EndOfAsync(cluster, "op", spec);

        batch.State.Should().Be(BatchCloneState.PartlyFailed);
        batch.Problem.Should().Contain("being deleted");
        batch.Created.Should().BePositive();
        (batch.Created + batch.Failed).Should().Be(Count);
        (await BatchCloneTests.AllResultsAsync(cluster, "op")).Count(result => result.Problem == batch.Problem)
            .Should().Be(batch.Failed);
    }

    [Fact]
    public async Task Operations_that_ended_long_ago_are_forgotten_and_their_disks_are_not()
    {
        var store = new SharedStore();
        await using var cluster = await GrainCluster.StartAsync(silos: 1, store: store);
        var snapshot = await BatchCloneTests.ImportAsync(cluster);
        const int operations = BatchCloneCatalog.MaxEnded + 3;
        for (var i = 0; i < operations; i++)
        {
            var spec = new BatchCloneSpec(snapshot, Names: [$"vm-{i}"]);
            await cluster.Control.StartBatchCloneAsync($"op-{i}", spec, None);
        }

        var listed = await cluster.Control.ListBatchClonesAsync(None);

        listed.Select(batch => batch.Id).Should().Equal(
            Enumerable.Range(3, BatchCloneCatalog.MaxEnded).Reverse().Select(i => $"op-{i}"));
        (store.CountOf("batch"), store.CountOf("batch-progress")).Should().Be((256, 256));
        await BatchCloneTests.ShouldFailAsync(
            () => cluster.Control.GetBatchCloneAsync("op-0", None), ErrorCode.NotFound, "'op-0'");
        (await cluster.Control.ListDisksAsync(None)).Should().HaveCount(operations);
    }

    /// <summary>Silo 0 cannot be killed.</summary>
    private static async Task<string> IdAwayFromSilo0Async(GrainCluster cluster)
    {
        for (var i = 0; ; i++)
        {
            await BatchCloneTests.ShouldFailAsync(
                () => cluster.Control.GetBatchCloneAsync($"op-{i}", None), ErrorCode.NotFound, $"'op-{i}'");
            if (cluster.HomeOfBatch($"op-{i}") != "silo-0")
            {
                return $"op-{i}";
            }
        }
    }

    /// <summary>Its server is gone: it fails, unless it was answered before.</summary>
    private static async Task GiveUpAsync(Task start) =>
        await start.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task ShouldBeWholeAsync(GrainCluster cluster, string id, BatchCloneSpec spec)
    {
        var batch = await BatchCloneTests.EndOfAsync(cluster, id, spec);
        batch.Should().BeEquivalentTo(
            new { State = BatchCloneState.Succeeded, Created = spec.Count, Failed = 0, Problem = (string?)null });
        (await cluster.Control.ListDisksAsync(None)).Select(disk => disk.Name)
            .Should().Equal(BatchCloneTests.NamesOf(spec));
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo())
        {
            await tick.WaitForNextTickAsync(deadline.Token);
        }
    }
}
