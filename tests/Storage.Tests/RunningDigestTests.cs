namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that a digest does not depend on the pieces in which its content came.</summary>
public sealed class RunningDigestTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_is_the_digest_of_all_pieces(int seed)
    {
        var random = new Random(seed);
        using var running = new RunningDigest();
        for (var round = 0; round < 20; round++)
        {
            var content = new byte[random.Next(100_000)];
            random.NextBytes(content);
            for (var at = 0; at < content.Length;)
            {
                var piece = Math.Min(random.Next(20_000), content.Length - at);
                running.Append(content.AsSpan(at, piece));
                at += piece;
            }

            running.Finish().Should().Be(Digest.Compute(content), "seed {0}, round {1}", seed, round);
        }
    }
}
