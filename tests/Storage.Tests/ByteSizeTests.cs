namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that sizes are read as people write them, exactly, and that what is doubtful is refused.</summary>
public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("512B", 512)]
    [InlineData("64K", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("64 KiB", 65536)]
    [InlineData("256M", 268435456)]
    [InlineData("10G", 10737418240)]
    [InlineData("1.5G", 1610612736)]
    [InlineData(" 1T ", 1099511627776)]
    [InlineData("7E", 8070450532247928832)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Reads(string text, long expected)
    {
        ByteSize.Parse(text).Should().Be(expected);
        ByteSize.TryParse(text, out var bytes).Should().BeTrue();
        bytes.Should().Be(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1KB")]
    [InlineData("1Q")]
    [InlineData("1 2K")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("1e3")]
    [InlineData("0.3K")]
    [InlineData("8E")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999999999999G")]
    [InlineData("1BiB")]
    public void Refuses(string text)
    {
        ByteSize.TryParse(text, out _).Should().BeFalse();
        FluentActions.Invoking(() => ByteSize.Parse(text)).Should().Throw<ByteSizeFormatException>()
            .Which.Input.Should().Be(text);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1000, "1000")]
    [InlineData(65536, "64K")]
    [InlineData(1610612736, "1536M")]
    [InlineData(1L << 40, "1T")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    public void Writes_what_it_reads(long bytes, string text)
    {
        ByteSize.Format(bytes).Should().Be(text);
        ByteSize.Parse(text).Should().Be(bytes);
    }

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(1503238553, "1.4 GiB")]
    public void Approximates(long bytes, string text) => ByteSize.Approximate(bytes).Should().Be(text);
}
