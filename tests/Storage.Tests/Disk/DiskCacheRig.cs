using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Disk;

/// <summary>
/// A memory cache with a disk cache behind it, as a silo has them, before a source that makes each segment of its
/// number, and counts.
/// </summary>
internal sealed class DiskCacheRig : IAsyncDisposable
{
    public const int Length = 64 << 10;
    public const long Limit = 2 << 20;

    /// <summary>How many segments of <see cref="Length"/> the limit has room for.</summary>
    public const int Capacity = 31;

    private readonly TempDirectory _directory = new();
    private int _fetches;

    public DiskCacheRig(
        long limitBytes = Limit, long queueBytes = 1 << 30, int memorySegments = 4, TimeProvider? time = null)
    {
        Files = new SeamFileSystem(BlockFileSystem.Instance);
        Options = new DiskCacheOptions
        {
            Directory = _directory["cache"],
            LimitBytes = limitBytes,
            QueueBytes = queueBytes,
            Files = Files,
            TimeProvider = time ?? TimeProvider.System,
        };
        Memory = new SegmentCache(new SegmentCacheOptions
        {
            BudgetBytes = memorySegments * Length, SegmentSizeBytes = Length, PoisonFreedMemory = true,
        });
        Disk = DiskCache.Open(Options);
    }

    public SeamFileSystem Files { get; }

    public DiskCacheOptions Options { get; }

    public SegmentCache Memory { get; }

    public DiskCache Disk { get; private set; }

    public int Fetches => Volatile.Read(ref _fetches);

    public string FilePath => Path.Combine(Options.Directory, "segments");

    public static byte[] ContentOf(int number, int length = Length) => TestSegments.ContentOf(number, length);

    public static Digest NameOf(int number, int length = Length) => Digest.Compute(ContentOf(number, length));

    /// <summary>Reads a segment as a silo does, and checks its bytes.</summary>
    public async Task ReadAsync(int number, int length = Length)
    {
        var content = ContentOf(number, length);
        var name = Digest.Compute(content);
        var segment = await Memory.GetOrLoadAsync(
            name, length, (destination, token) => LoadAsync(name, content, destination, token), TestSegments.Deadline);
        Disk.Offer(segment);
        var isRight = segment.Span.SequenceEqual(content);
        segment.Release();
        isRight.Should().BeTrue("segment {0} has its bytes", number);
    }

    public async Task ReadAllAsync(int from, int count)
    {
        foreach (var number in Enumerable.Range(from, count))
        {
            await ReadAsync(number);
        }

        await WrittenAsync();
    }

    /// <summary>Whether it is read from the disk, with the bytes that it should have.</summary>
    public async Task<bool> IsOnDiskAsync(int number, int length = Length)
    {
        var bytes = new byte[length];
        var isThere = await Disk.TryReadAsync(NameOf(number, length), bytes, TestSegments.Deadline);
        (!isThere || bytes.AsSpan().SequenceEqual(ContentOf(number, length))).Should().BeTrue();
        return isThere;
    }

    /// <summary>Waits until nothing waits to be written.</summary>
    public Task WrittenAsync() => Eventually.IsTrueAsync(
        () => Task.FromResult(Disk.Statistics.QueuedBytes == 0), "all is written");

    public async Task ReopenAsync(DiskCacheOptions? options = null)
    {
        await Disk.DisposeAsync();
        Disk = DiskCache.Open(options ?? Options);
    }

    /// <summary>A copy of the directory as it is now: what a killed process leaves.</summary>
    public DiskCacheOptions Copy()
    {
        var copy = _directory[$"copy-{Guid.NewGuid():n}"];
        Directory.CreateDirectory(copy);
        File.WriteAllBytes(Path.Combine(copy, "segments"), Files.BytesOf(FilePath));
        return Options with { Directory = copy, Files = BlockFileSystem.Instance };
    }

    /// <summary>Drops a segment from memory.</summary>
    public void Drop(int number) => Memory.Drop(NameOf(number));

    public async ValueTask DisposeAsync()
    {
        await Memory.DisposeAsync();
        await Disk.DisposeAsync();
        _directory.Dispose();
    }

    private async ValueTask LoadAsync(
        Digest name, byte[] content, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!await Disk.TryReadAsync(name, destination, cancellationToken))
        {
            Interlocked.Increment(ref _fetches);
            content.CopyTo(destination);
        }
    }
}
