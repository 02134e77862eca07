using System.Security.Cryptography;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that a digest is SHA-256, and compares, prints and parses as its bytes do.</summary>
public sealed class DigestTests
{
    /// <summary>The vectors "abc" and empty of FIPS 180-4.</summary>
    [Theory]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Known_vectors(string text, string expected)
    {
        var digest = Digest.Compute(System.Text.Encoding.ASCII.GetBytes(text));
        digest.ToString().Should().Be(expected);
        Digest.Parse(expected.ToUpperInvariant()).Should().Be(digest);
        Digest.FromBytes(digest.ToByteArray()).Should().Be(digest);
        digest.ToByteArray().Should().Equal(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)));
    }

    /// <summary>Order and equality are those of the bytes.</summary>
    [Fact]
    public void Orders_as_bytes()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            byte[] a = new byte[32], b = new byte[32];
            random.NextBytes(a);
            a.CopyTo(b, 0);
            b[random.Next(32)] = (byte)random.Next(256);
            Math.Sign(Digest.FromBytes(a).CompareTo(Digest.FromBytes(b)))
                .Should().Be(Math.Sign(a.AsSpan().SequenceCompareTo(b)));
            (Digest.FromBytes(a) == Digest.FromBytes(b)).Should().Be(a.AsSpan().SequenceEqual(b));
        }
    }

    /// <summary>What is no digest is refused.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("ba78")]
    [InlineData("za7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0")]
    public void Bad_text_is_refused(string text)
    {
        Digest.TryParse(text, out _).Should().BeFalse();
        FluentActions.Invoking(() => Digest.Parse(text)).Should().Throw<FormatException>();
    }

    /// <summary>The checksum of RFC 3720, and that it can be computed in parts.</summary>
    [Fact]
    public void Crc32C_known_vectors()
    {
        Crc32C.Compute("123456789"u8).Should().Be(0xE3069283);
        Crc32C.Compute(new byte[32]).Should().Be(0x8A9136AA);
        Crc32C.Append(Crc32C.Compute("1234"u8), "56789"u8).Should().Be(0xE3069283);
    }

    /// <summary>Long inputs, which are computed in lanes, have the checksum that their bytes have one after the other.
    /// </summary>
    [Theory]
    [InlineData(24575)]
    [InlineData(24576)]
    [InlineData(24577)]
    [InlineData(100_000)]
    public void Crc32C_of_lanes_is_that_of_bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var expected = 7u;
        for (var i = 0; i < length; i++)
        {
            expected = Crc32C.Append(expected, bytes.AsSpan(i, 1));
        }

        Crc32C.Append(7, bytes).Should().Be(expected);
        Crc32C.Append(Crc32C.Append(7, bytes.AsSpan(0, 13)), bytes.AsSpan(13)).Should().Be(expected, "unaligned");
    }

    /// <summary>A single byte other than zero is found wherever it is, at any length and alignment.</summary>
    [Fact]
    public void Zero_detector_finds_every_byte()
    {
        var bytes = new byte[1100];
        for (var start = 0; start < 70; start++)
        {
            ZeroDetector.IsZero(bytes.AsSpan(start)).Should().BeTrue();
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = 0x80;
            ZeroDetector.IsZero(bytes).Should().BeFalse();
            ZeroDetector.IsZero(bytes.AsSpan(0, i)).Should().BeTrue();
            ZeroDetector.IsZero(bytes.AsSpan(i + 1)).Should().BeTrue();
            bytes[i] = 0;
        }

        ZeroDetector.IsZero([]).Should().BeTrue();
    }
}
