using System.Diagnostics;
using System.Runtime.Versioning;
using Xunit.Abstractions;

namespace SnapshotGrains.Silo.Tests.Keys;

/// <summary>Shows that a thousand keys are wrapped anew in one call, and are the same keys after it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeyRotationTests(ITestOutputHelper output)
{
    private const int Count = 1000;

    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_thousand_keys_are_rotated_in_one_call()
    {
        using var keks = new KekFiles();
        await using var silo = await TestSilo.StartAsync(silos: 1, more: keks.SettingsOf(1));
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            new ParallelOptions { MaxDegreeOfParallelism = 100 },
            async (i, ct) => await silo.Api.CreateKeyAsync($"k-{i:0000}", ct));
        var before = await silo.Api.ListKeysAsync(None);
        await silo.RestartAsync(keks.SettingsOf(2, previous: 1));
        var inUse = await silo.Process.Client.Keys.OpenAsync(before[500].Ref, None);

        var clock = Stopwatch.StartNew();
        (await silo.Api.RotateKeysAsync(null, None)).Should().Be(Count);
        output.WriteLine($"{Count} keys were wrapped anew in {clock.ElapsedMilliseconds} ms, over HTTP.");
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));

        var after = await silo.Api.ListKeysAsync(None);
        after.Select(key => key.Ref).Should().Equal(before.Select(key => key.Ref));
        foreach (var (old, now) in before.Zip(after))
        {
            now.KekId.Should().NotBe(old.KekId);
            now.Envelope.AsSpan().SequenceEqual(old.Envelope.AsSpan()).Should().BeFalse();
            KekFiles.Unwrap(now, 2).AsSpan().SequenceEqual(KekFiles.Unwrap(old, 1)).Should().BeTrue();
        }

        (await silo.Api.RotateKeysAsync(null, None)).Should().Be(0, "there is nothing left to do");
        inUse.IsGone.Should().BeFalse("rotation disturbs nobody");
        await silo.RestartAsync(keks.SettingsOf(2));
        (await silo.Process.Client.Keys.OpenAsync(after[0].Ref, None)).IsGone.Should().BeFalse("kek 1 may go");
    }
}
