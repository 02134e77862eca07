using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Disks.Tests;

/// <summary>What a guest gets of a load that was begun before he came.</summary>
public sealed class JoinedLoadTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    // A load has waited for most of its time when a guest joins it, whoever began it: its end is not his.
    [Theory]
    [InlineData(FetchPriority.Background)]
    [InlineData(FetchPriority.Trace)]
    [InlineData(FetchPriority.Demand)]
    public async Task A_reader_outlives_a_load_that_he_joined_late(FetchPriority begunAs)
    {
        await using var silo = await DiskSilo.StartAsync();
        var content = TestContent.Segments(2);
        var plane = new ProbedPlane(silo.CreatePlane());
        var fail = new TaskCompletionSource();
        plane.BeforeLease = async (_, _) =>
        {
            plane.BeforeLease = (_, _) => Task.CompletedTask;
            await fail.Task;
            throw new SnapshotGrainsException(ErrorCode.SegmentTimeout, "It was not there within 30 s.");
        };
        var reader = await DiskSilo.CreateReaders(plane).OpenAsync(
            new ReplicaId(await silo.ImportAsync("img@1", content)), None);

        var begun = reader.LeaseAsync(0, 512, begunAs, None).AsTask();
        var joined = reader.LeaseAsync(0, 512, None).AsTask();
        fail.SetResult();

        var slice = await joined;
        var bytes = new byte[slice.Length];
        slice.CopyTo(bytes);
        slice.Release();
        bytes.Should().Equal(content[..512]);
        (await begun.Invoking(load => load).Should().ThrowAsync<SnapshotGrainsException>())
            .Which.Code.Should().Be(ErrorCode.SegmentTimeout);
        plane.Leases.Should().HaveCount(2);
    }
}
