using SnapshotGrains.Testing;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Shows that a disk under any mixture of requests is what a plain array of bytes would be.</summary>
public sealed class FsxTests
{
    private const int Operations = 5_000;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, TestTier.Pick(quick: 2, full: 5)));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Five_thousand_mixed_requests_leave_disk_and_model_equal(int seed)
    {
        // The disk ends in the middle of a block, and of a segment. Every other seed hydrates meanwhile.
        var content = TestImage.Random((12 * TestImage.Segment) + (5 * 512), seed);
        await using var silo = await TestSilo.StartAsync(silos: 1);
        await silo.ImportAsync("img@1", content);
        await silo.Api.SetHydrationLimitAsync(512 << 10, CancellationToken.None);
        var hydration = seed % 2 == 0 ? HydrationMode.Background : HydrationMode.None;
        await silo.Remote.CloneAsync(SnapshotId.Parse("img@1"), "disk", hydration);
        var model = new DiskModel((byte[])content.Clone());

        for (var session = 0; session < 4; session++)
        {
            var clients = await silo.ConnectAsync("disk", 2);
            var exerciser = new DiskExerciser(clients, model, (seed * 100) + session);
            await exerciser.ExerciseAsync(Operations / 4);
            await exerciser.CheckAllAsync();
            await clients.CloseAsync();
        }
    }
}
