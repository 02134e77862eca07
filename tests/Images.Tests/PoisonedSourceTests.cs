using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>
/// Shows that no bytes of a poisoned or changing source become visible: through fetcher and cache a reader gets the
/// right bytes or a typed error, nothing bad is kept, and reads succeed again once the source is healed.
/// </summary>
public sealed class PoisonedSourceTests : IAsyncLifetime
{
    private const int Segments = 16;

    private static readonly FaultyKind[] Poisons =
    [
        FaultyKind.FlippedBit, FaultyKind.Short, FaultyKind.ShortUnnoticed, FaultyKind.Long, FaultyKind.Swapped,
        FaultyKind.ChangedMidway, FaultyKind.Zeros,
    ];

    private readonly TempDirectory _directory = new();
    private readonly byte[] _content = TestImages.Noise(1, (Segments * TestImages.Segment) - 1000);
    private DirectoryImageCenter _center = null!;
    private Manifest _manifest = null!;

    public async Task InitializeAsync()
    {
        _center = await DirectoryImageCenter.OpenAsync(_directory.Path);
        _manifest = await _center.ImportAsync(TestImages.Request(_content), TestImages.Deadline);
    }

    public Task DisposeAsync()
    {
        _center.Dispose();
        _directory.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Each kind of poison on every read: all rejected, nothing cached, healed at once.</summary>
    [Theory]
    [InlineData(FaultyKind.FlippedBit)]
    [InlineData(FaultyKind.Short)]
    [InlineData(FaultyKind.ShortUnnoticed)]
    [InlineData(FaultyKind.Long)]
    [InlineData(FaultyKind.Swapped)]
    [InlineData(FaultyKind.ChangedMidway)]
    [InlineData(FaultyKind.Zeros)]
    public async Task Every_poison_is_rejected(FaultyKind kind)
    {
        var faulty = new FaultyImageSource(_center, seed: 7) { Kinds = [kind] };
        var fetcher = new SegmentFetcher(faulty);
        await using var cache = NewCache();
        for (var n = 0; n < Segments; n++)
        {
            var error = await ReadAsync(cache, fetcher, n);
            error!.Code.Should().Be(kind == FaultyKind.Short ? ImageErrorCode.Truncated : ImageErrorCode.Corrupt);
            error.Message.Should().Contain($"Segment {n} ").And.Contain(_manifest.Map.DigestOf(n).ToString());
        }

        faulty.Counts[kind].Should().Be(Segments * SegmentFetcher.MaxReads, "re-reads are bounded");
        cache.Statistics.Segments.Should().Be(0);
        cache.UsedBytes.Should().Be(0);
        faulty.Kinds = [];
        for (var n = 0; n < Segments; n++)
        {
            (await ReadAsync(cache, fetcher, n)).Should().BeNull();
        }
    }

    /// <summary>
    /// A mix of poisons and passing errors on half of the reads, many readers at once, retries above: every byte that
    /// is served is right.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_mix_of_faults_under_load_serves_no_wrong_byte(int seed)
    {
        var faulty = new FaultyImageSource(_center, seed)
        {
            Kinds = [.. Poisons, FaultyKind.Error, FaultyKind.Delay],
            Probability = 0.5,
            Delay = TimeSpan.FromMilliseconds(1),
        };
        var retrying = new RetryingImageSource(
            faulty, new RetryingSourceOptions { FirstDelay = TimeSpan.FromMilliseconds(1), RetryReserve = 10_000 });
        var fetcher = new SegmentFetcher(retrying);
        await using var cache = NewCache(budgetSegments: 4);
        var served = 0;
        await Parallel.ForAsync(0, 8, async (reader, _) =>
        {
            var random = new Random((seed * 100) + reader);
            for (var i = 0; i < 100; i++)
            {
                Interlocked.Add(
                    ref served, await ReadAsync(cache, fetcher, random.Next(Segments)) is null ? 1 : 0);
            }
        });
        served.Should().BeGreaterThan(400, "seed {0}", seed);
        fetcher.DigestMismatches.Should().BeGreaterThan(0);
    }

    /// <summary>An outage gives typed errors to cold reads and does not touch what is resident.</summary>
    [Fact]
    public async Task An_outage_does_not_touch_what_is_resident()
    {
        var faulty = new FaultyImageSource(_center, seed: 1);
        var fetcher = new SegmentFetcher(faulty);
        await using var cache = NewCache();
        (await ReadAsync(cache, fetcher, 0)).Should().BeNull();
        faulty.IsDown = true;
        (await ReadAsync(cache, fetcher, 0)).Should().BeNull();
        (await ReadAsync(cache, fetcher, 1))!.Code.Should().Be(ImageErrorCode.Unavailable);
        faulty.IsDown = false;
        (await ReadAsync(cache, fetcher, 1)).Should().BeNull();
    }

    private static SegmentCache NewCache(int budgetSegments = 2 * Segments) => new(new SegmentCacheOptions
    {
        BudgetBytes = budgetSegments * TestImages.Segment,
        PoisonFreedMemory = true,
    });

    /// <summary>Null when the right bytes were served, otherwise the typed error.</summary>
    private async Task<ImageCenterException?> ReadAsync(SegmentCache cache, SegmentFetcher fetcher, int n)
    {
        SegmentBuffer buffer;
        try
        {
            buffer = await cache.GetOrLoadAsync(
                _manifest.Map.DigestOf(n), _manifest.Map.LengthOf(n),
                (destination, token) => fetcher.FetchAsync(_manifest, n, destination, token), TestImages.Deadline);
        }
        catch (ImageCenterException e)
        {
            return e;
        }

        var right = buffer.Span.SequenceEqual(_content.AsSpan(n * TestImages.Segment, buffer.Length));
        buffer.Release();
        right.Should().BeTrue("segment {0} was served", n);
        return null;
    }
}
