using System.Globalization;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Images.Tests;

/// <summary>Shows that whatever a web server does ends in the right bytes or in an error that says what.</summary>
public sealed class HttpFaultTests
{
    /// <summary>A pack that is replaced in the middle is noticed, with If-Range and without; forgotten, it is read.
    /// </summary>
    [Theory]
    [InlineData("\"1\"", "\"2\"", true)]
    [InlineData("\"1\"", "\"2\"", false)]
    [InlineData("W/\"1\"", "W/\"1\"", false)]
    [InlineData("", "", false)]
    public async Task A_changed_pack_is_an_error(string before, string after, bool honoursIfRange)
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var day = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        http.Server.Fault = _ => new StaticFault { Tag = before, ModifiedAt = day };
        await http.ReadAsync();
        http.Server.Fault = _ => new StaticFault
        {
            Tag = after, ModifiedAt = day.AddDays(1), IgnoreRange = honoursIfRange,
        };
        var error = await http.FailAsync(TestImages.Segment);
        error.Code.Should().Be(ImageErrorCode.Changed);
        error.Pack.Should().Be(http.Pack);
        error.IsTransient.Should().BeFalse();
        if (before.StartsWith('"'))
        {
            http.Server.Requests.Last().Headers["If-Range"].Should().Be(before);
        }

        http.Center.Forget(http.Pack);
        http.Server.Fault = _ => null;
        (await http.ReadAsync()).Should().Equal(http.Content.AsSpan(FirstData(http), TestImages.Segment).ToArray());
    }

    /// <summary>A pack that was put there again with the same bytes serves on; with others it is refused.</summary>
    [Fact]
    public async Task Digests_decide_about_a_pack_that_was_replaced()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        await http.ReadAsync();
        File.SetLastWriteTimeUtc(http.PackFile, new DateTime(2026, 2, 2, 0, 0, 0, DateTimeKind.Utc));
        (await TestImages.ReadAllAsync(http.Center, http.Manifest)).Should().Equal(http.Content);
        var bytes = await File.ReadAllBytesAsync(http.PackFile);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(http.PackFile, bytes);
        var read = async () => await TestImages.ReadAllAsync(http.Center, http.Manifest);
        (await read.Should().ThrowAsync<ImageCenterException>()).Which.Code.Should().Be(ImageErrorCode.Corrupt);
    }

    /// <summary>Where a request was sent on to is often signed in its query, and messages are for all eyes.</summary>
    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(200)]
    public async Task What_a_redirection_is_signed_with_is_not_told(int status)
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var signed = new Uri(http.Server.Address, "signed/pack?Signature=secret#secret");
        http.Server.Fault = request => request.Path.StartsWith("signed", StringComparison.Ordinal)
            ? new StaticFault { Status = status }
            : new StaticFault { Status = 307, Headers = $"Location: {signed}\r\n" };
        var error = await http.FailAsync();
        error.Message.Should().Contain(signed.GetLeftPart(UriPartial.Path)).And.NotContain("secret");
    }

    /// <summary>A server that ignores ranges, and one whose file is short, are named as such.</summary>
    [Fact]
    public async Task Wrong_ranges_are_errors()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        http.Server.Fault = _ => new StaticFault { IgnoreRange = true };
        (await http.FailAsync()).Code.Should().Be(ImageErrorCode.BadRequest);
        http.Server.Fault = _ => null;
        var length = new FileInfo(http.PackFile).Length;
        (await http.FailAsync(length - 10)).Code.Should().Be(ImageErrorCode.Truncated);
        (await http.FailAsync(length)).Code.Should().Be(ImageErrorCode.Truncated);
    }

    /// <summary>What breaks off, is refused for now, or reset, passes: the next attempt brings the bytes.</summary>
    [Fact]
    public async Task Passing_faults_are_retried()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        StaticFault[] passing = [new() { CutAfter = 1000 }, new() { Reset = true }, new() { Status = 503 }];
        foreach (var fault in passing)
        {
            http.Server.Fault = _ => fault;
            (await http.FailAsync()).IsTransient.Should().BeTrue();
        }

        var faults = new Queue<StaticFault?>(
            [new StaticFault { CutAfter = 5 }, new StaticFault { Status = 500 }, null]);
        http.Server.Fault = _ => faults.Dequeue();
        var retrying = new RetryingImageSource(http.Center, new RetryingSourceOptions
        {
            FirstDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2),
        });
        await retrying.ReadAsync(http.Pack, 0, new byte[TestImages.Segment], TestImages.Deadline);
        retrying.Retries.Should().Be(2);
    }

    /// <summary>A retry waits as long as the server says, not as long as it would by itself.</summary>
    [Fact]
    public async Task Retry_After_is_heeded()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var faults = new Queue<StaticFault?>([new StaticFault { Status = 429, Headers = "Retry-After: 1\r\n" }, null]);
        http.Server.Fault = _ => faults.Dequeue();
        (await http.FailAsync()).RetryAfter.Should().Be(TimeSpan.FromSeconds(1));
        var when = TimeProvider.System.GetUtcNow().AddHours(1).ToString("R", CultureInfo.InvariantCulture);
        faults = new([new StaticFault { Status = 503, Headers = $"Retry-After: {when}\r\n" }]);
        (await http.FailAsync()).RetryAfter.Should().Be(TimeSpan.FromSeconds(30), "no server is trusted with more");

        var time = new FakeTime();
        faults = new([new StaticFault { Status = 503, Headers = "Retry-After: 20\r\n" }, null]);
        var retrying = new RetryingImageSource(http.Center, new RetryingSourceOptions
        {
            FirstDelay = TimeSpan.FromMinutes(5),
            MaxDelay = TimeSpan.FromMinutes(5),
            AttemptTimeout = TimeSpan.FromHours(1),
            OverallTimeout = TimeSpan.FromHours(1),
            TimeProvider = time,
        });
        var read = retrying.ReadAsync(http.Pack, 0, new byte[TestImages.Segment], TestImages.Deadline).AsTask();
        await Eventually.IsTrueAsync(() => Task.FromResult(retrying.Retries == 1), "it waits for the retry");
        await Eventually.IsTrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(read.IsCompleted);
            },
            "the retry is made");
        await read;
        time.Now.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(20)).And.BeLessThan(TimeSpan.FromMinutes(4));
    }

    /// <summary>Neither a head nor a body that does not come is waited for without end.</summary>
    [Fact]
    public async Task A_silent_server_times_out()
    {
        await using var http = await HttpCenterFixture.StartAsync(new HttpCenterOptions
        {
            AnswerTimeout = TimeSpan.FromMilliseconds(200), StallTimeout = TimeSpan.FromMilliseconds(200),
        });
        static Task ForEver(CancellationToken token) =>
            Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        http.Server.Fault = _ => new StaticFault { Before = ForEver };
        (await http.FailAsync()).Code.Should().Be(ImageErrorCode.Timeout);
        http.Server.Fault = _ => new StaticFault { CutAfter = 1000, AtCut = ForEver };
        (await http.FailAsync()).Code.Should().Be(ImageErrorCode.Timeout);
    }

    /// <summary>
    /// One request fills many parts, each as soon as its bytes are there, and leaves alone who gave up; when it breaks
    /// off, what came before stays.
    /// </summary>
    [Fact]
    public async Task Scattered_reads_fill_their_parts()
    {
        await using var http = await HttpCenterFixture.StartAsync();
        var whole = await File.ReadAllBytesAsync(http.PackFile);
        var parts = NewParts();
        parts[1].TryGiveUp().Should().BeTrue();
        http.Server.Requests.Clear();
        await http.Center.ReadScatteredAsync(http.Pack, 4096, parts, TestImages.Deadline);
        http.Server.Requests.Should().ContainSingle();
        parts[0].Destination.ToArray().Should().Equal(whole[4096..5096]);
        parts[1].Destination.ToArray().Should().AllBeEquivalentTo((byte)0);
        parts[2].Destination.ToArray().Should().Equal(whole[105_096..108_096]);
        parts[2].End.IsCompletedSuccessfully.Should().BeTrue();

        parts = NewParts();
        http.Server.Fault = _ => new StaticFault { CutAfter = 102_000 };
        var read = async () => await http.Center.ReadScatteredAsync(http.Pack, 4096, parts, TestImages.Deadline);
        await read.Should().ThrowAsync<ImageCenterException>();
        parts.Select(part => part.End.IsCompletedSuccessfully).Should().Equal(true, true, false);

        static ScatterPart[] NewParts() =>
            [.. new[] { 1000, 100_000, 3000 }.Select(length => new ScatterPart(new byte[length]))];
    }

    private static int FirstData(HttpCenterFixture http)
    {
        var map = http.Manifest.Map;
        var n = map.NextData(0);
        while (http.Manifest.LocationOf(n).Offset != 0)
        {
            n = map.NextData(n + 1);
        }

        return (int)n * TestImages.Segment;
    }
}
