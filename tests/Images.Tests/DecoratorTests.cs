using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that retry, bound and meter each do their one job.</summary>
public sealed class DecoratorTests : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private readonly byte[] _content = TestImages.Noise(1, 4 * TestImages.Segment);
    private readonly byte[] _bytes = new byte[TestImages.Segment];
    private DirectoryImageCenter _center = null!;
    private Manifest _manifest = null!;

    private PackId Pack => _manifest.Packs[0];

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

    /// <summary>A passing error is retried and the bytes come; the manifest as well.</summary>
    [Fact]
    public async Task Passing_errors_are_retried()
    {
        var failures = 2;
        var faulty = new FaultyImageSource(_center, 1)
        {
            Choose = (_, _) => failures-- > 0 ? FaultyKind.Error : FaultyKind.None,
        };
        var retrying = new RetryingImageSource(faulty, Quick);
        await retrying.ReadAsync(Pack, 0, _bytes, TestImages.Deadline);
        _bytes.Should().Equal(_content[..TestImages.Segment]);
        retrying.Retries.Should().Be(2);
    }

    /// <summary>Attempts are bounded, and an error that will not pass is not retried at all.</summary>
    [Fact]
    public async Task Attempts_are_bounded()
    {
        var faulty = new FaultyImageSource(_center, 1) { Kinds = [FaultyKind.Error] };
        var retrying = new RetryingImageSource(faulty, Quick);
        (await FailAsync(retrying)).Should().Be(ImageErrorCode.Unavailable);
        faulty.Counts[FaultyKind.Error].Should().Be(Quick.MaxAttempts);

        var cut = new FaultyImageSource(_center, 1) { Kinds = [FaultyKind.Short] };
        (await FailAsync(new RetryingImageSource(cut, Quick))).Should().Be(ImageErrorCode.Truncated);
        cut.Counts[FaultyKind.Short].Should().Be(1);
    }

    /// <summary>
    /// When the source is down, retries end with the budget: the load stays near one attempt a request.
    /// </summary>
    [Fact]
    public async Task Retries_are_a_small_share_of_the_load()
    {
        var faulty = new FaultyImageSource(_center, 1) { Kinds = [FaultyKind.Error] };
        var retrying = new RetryingImageSource(faulty, Quick with { RetryReserve = 10, RetriesPerRequest = 0.1 });
        for (var i = 0; i < 200; i++)
        {
            await FailAsync(retrying);
        }

        retrying.Retries.Should().BeInRange(20, 30);
        faulty.Counts[FaultyKind.Error].Should().Be(200 + retrying.Retries);
    }

    /// <summary>A hung attempt is given up and repeated; a source that always hangs ends as a typed time-out.</summary>
    [Fact]
    public async Task Hung_attempts_time_out()
    {
        var options = Quick with
        {
            AttemptTimeout = TimeSpan.FromMilliseconds(50),
            OverallTimeout = TimeSpan.FromMilliseconds(400),
        };
        var hangs = 1;
        var faulty = new FaultyImageSource(_center, 1)
        {
            Choose = (_, _) => hangs-- > 0 ? FaultyKind.Hang : FaultyKind.None,
        };
        var patient = options with
        {
            AttemptTimeout = TimeSpan.FromSeconds(1),
            OverallTimeout = TimeSpan.FromSeconds(15),
        };
        await new RetryingImageSource(faulty, patient).ReadAsync(Pack, 0, _bytes, TestImages.Deadline);
        _bytes.Should().Equal(_content[..TestImages.Segment]);
        hangs = 100;
        (await FailAsync(new RetryingImageSource(faulty, options))).Should().Be(ImageErrorCode.Timeout);
    }

    /// <summary>The caller's own cancellation is not turned into something else.</summary>
    [Fact]
    public async Task Cancellation_stays_cancellation()
    {
        var faulty = new FaultyImageSource(_center, 1) { Kinds = [FaultyKind.Hang] };
        using var cancellation = new CancellationTokenSource();
        var read = new RetryingImageSource(faulty, Quick).ReadAsync(Pack, 0, _bytes, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await read.Invoking(r => r).Should().ThrowAsync<OperationCanceledException>();
    }

    /// <summary>No more requests and bytes at once than allowed, in order, and all are served.</summary>
    [Fact]
    public async Task Requests_and_bytes_in_flight_are_bounded()
    {
        var hold = new TaskCompletionSource();
        var probe = new ProbeSource { Hold = hold.Task };
        var bounded = new BoundedImageSource(
            probe, new BoundedSourceOptions { MaxRequests = 3, MaxBytesInFlight = 1000 });
        var random = new Random(5);
        int[] sizes = [300, 300, 400, .. Enumerable.Range(0, 200).Select(_ => random.Next(1, 1500))];
        var reads = sizes
            .Select(size => bounded.ReadAsync(Pack, 0, new byte[size], TestImages.Deadline).AsTask())
            .ToArray();
        hold.SetResult();
        await Task.WhenAll(reads);
        probe.MostRequests.Should().Be(3);
        probe.MostBoundedBytes.Should().Be(1000);
        bounded.Waiting.Should().Be(0);
    }

    /// <summary>A waiter that gives up frees its place; one too many is refused as a passing error.</summary>
    [Fact]
    public async Task Waiting_is_bounded_and_can_be_given_up()
    {
        var faulty = new FaultyImageSource(_center, 1) { Kinds = [FaultyKind.Hang] };
        var bounded = new BoundedImageSource(faulty, new BoundedSourceOptions { MaxRequests = 1, MaxWaiting = 1 });
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var running = bounded.ReadAsync(Pack, 0, _bytes, first.Token).AsTask();
        var waiting = bounded.ReadAsync(Pack, 0, _bytes, second.Token).AsTask();
        (await FailAsync(bounded)).Should().Be(ImageErrorCode.Unavailable);
        await second.CancelAsync();
        await waiting.Invoking(w => w).Should().ThrowAsync<OperationCanceledException>();
        bounded.Waiting.Should().Be(0);
        faulty.Kinds = [];
        var third = bounded.ReadAsync(Pack, 0, _bytes, TestImages.Deadline).AsTask();
        await first.CancelAsync();
        await running.Invoking(r => r).Should().ThrowAsync<OperationCanceledException>();
        await third;
        _bytes.Should().Equal(_content[..TestImages.Segment]);
    }

    /// <summary>The meter counts requests, bytes, failures and the bytes of each pack.</summary>
    [Fact]
    public async Task The_meter_counts()
    {
        var failing = false;
        var faulty = new FaultyImageSource(_center, 1)
        {
            Choose = (_, _) => failing ? FaultyKind.Error : FaultyKind.None,
        };
        var metered = new MeteredImageSource(faulty);
        await TestImages.ReadAllAsync(metered, _manifest);
        failing = true;
        await FailAsync(metered);
        metered.Statistics.Should().Be(new SourceStatistics(5, _content.Length, 1, 0, 0));
        metered.BytesByPack.Should().ContainSingle().Which.Value.Should().Be(_manifest.StoredBytes);
    }

    private static RetryingSourceOptions Quick => new()
    {
        FirstDelay = TimeSpan.FromMilliseconds(1),
        MaxDelay = TimeSpan.FromMilliseconds(2),
    };

    private async Task<ImageErrorCode> FailAsync(IImageSource source)
    {
        var read = async () => await source.ReadAsync(Pack, 0, _bytes, TestImages.Deadline);
        return (await read.Should().ThrowAsync<ImageCenterException>()).Which.Code;
    }
}
