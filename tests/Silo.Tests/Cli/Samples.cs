namespace SnapshotGrains.Silo.Tests.Cli;

/// <summary>Answers of the API, for tests of how they are shown.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Time = new(2026, 8, 1, 12, 34, 56, TimeSpan.Zero);

    public static readonly ImageInfo Image = new(
        SnapshotId.Parse("debian@v1"), 1L << 30, 1 << 20, 1024, 369, 650, 650L << 20, Time, Disks: 2);

    public static DiskInfo Disk(string name) => new(
        name, SnapshotId.Parse("debian@v1"), 1L << 30, 1 << 20, DiskState.LazyLoading, Time,
        Guid.Parse("3f2a9c1e-0000-4000-8000-000000000001"));

    public static BatchClone Batch(BatchCloneState state, int created, int failed = 0, string? problem = null) => new(
        "b1", new BatchCloneSpec(SnapshotId.Parse("debian@v1"), "vm-", 10), state, 10, created, failed, Time,
        state == BatchCloneState.Running ? null : Time, problem);

    public static HydrationProgress Progress(DiskState state, long remainingBytes, double rate = 0) => new(
        "vm1", state, 1L << 30, 1 << 20, 0, 300 << 20, 2 << 20, 0, 100 << 20, remainingBytes, remainingBytes, rate,
        rate > 0 ? remainingBytes / rate : null, rate > 0);

    public static NodeInfo Node(string name) => new(
        name, "127.0.0.1:11111@0", Time,
        new CacheInfo(256L << 20, 64L << 20, 64, 900, 100, 3), new OriginInfo(100, 0, 101, 100L << 20, 1, 2),
        new DerivationInfo(40, 2, 30));

    public static ServerStatus Status => new(
        "0.1.0", "InProcess", Time, "/data/image-center", 1, 2, [Node("silo-0"), Node("silo-1")],
        new ReadInfo(3L << 30, 200L << 20, 200L << 20, 1.0),
        new NbdInfo(["nbd://127.0.0.1:10809"], 4, 12345, 0));
}
