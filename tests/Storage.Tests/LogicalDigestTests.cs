using System.Security.Cryptography;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that a logical digest is what its definition says, zero segments included.</summary>
public sealed class LogicalDigestTests
{
    [Fact]
    public void It_is_the_digest_of_the_segments_digests_in_their_order()
    {
        var builder = new SegmentMapBuilder(SegmentMap.MinSegmentSizeBytes);
        builder.AddZero(2);
        builder.AddData(TestSegments.NameOf(1));
        builder.AddZero();
        builder.AddData(TestSegments.NameOf(2));
        var map = builder.Build(5 * SegmentMap.MinSegmentSizeBytes - 7);
        byte[] all =
        [
            .. new byte[64], .. TestSegments.NameOf(1).ToByteArray(), .. new byte[32],
            .. TestSegments.NameOf(2).ToByteArray(),
        ];

        LogicalDigest.Of(map).Should().Be(Digest.FromBytes(SHA256.HashData(all)));
    }
}
