namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>Shows that a LUKS1 volume opens with its passphrase alone, and that damaged headers are refused.</summary>
public sealed class Luks1VolumeTests
{
    private static ReadOnlySpan<byte> Passphrase => "correct horse"u8;

    /// <summary>The header area holds the key for the passphrase, and nothing for another.</summary>
    [Fact]
    public void Opens_with_its_passphrase_alone()
    {
        using var volume = Luks1Volume.Create(Passphrase, Luks1Volume.LeastIterations);
        var area = Header(volume);
        volume.PayloadOffset.Should().Be(4096 * 512).And.Be(area.Length);
        using var opened = Luks1Volume.Open(new MemoryStream(area), Passphrase);
        opened.Uuid.Should().Be(volume.Uuid);
        opened.PayloadOffset.Should().Be(volume.PayloadOffset);
        var sectors = new byte[4 * 512];
        volume.Cipher.Encrypt(sectors, sectors, 77);
        opened.Cipher.Decrypt(sectors, sectors, 77);
        sectors.Should().OnlyContain(b => b == 0);

        FluentActions.Invoking(() => Luks1Volume.Open(new MemoryStream(area), "incorrect horse"u8))
            .Should().Throw<Luks1PassphraseException>().Which.Uuid.Should().Be(volume.Uuid);
        FluentActions.Invoking(() => opened.WriteHeader(new MemoryStream())).Should()
            .Throw<InvalidOperationException>();
    }

    /// <summary>One damaged byte of the stripes loses the key: that is what the splitter is for.</summary>
    [Fact]
    public void A_damaged_stripe_loses_the_key()
    {
        using var volume = Luks1Volume.Create(Passphrase, Luks1Volume.LeastIterations);
        var area = Header(volume);
        area[4096 + 123_456] ^= 1;
        FluentActions.Invoking(() => Luks1Volume.Open(new MemoryStream(area), Passphrase))
            .Should().Throw<Luks1PassphraseException>();
    }

    /// <summary>Each field that cannot be right, or asks for what is not read here, is refused where it lies.</summary>
    [Fact]
    public void Damaged_headers_are_refused()
    {
        using var volume = Luks1Volume.Create(Passphrase, Luks1Volume.LeastIterations);
        var area = Header(volume);

        // Magic, version, cipher, mode, hash, payload, key bytes, digest iterations, slot state, iterations, stripes.
        foreach (var at in new[] { 0, 7, 8, 44, 74, 104, 110, 164, 208, 212, 208 + 40, 208 + 44 })
        {
            var damaged = (byte[])area.Clone();
            damaged[at] ^= 0x80;
            FluentActions.Invoking(() => Luks1Volume.Open(new MemoryStream(damaged), Passphrase))
                .Should().Throw<CorruptFormatException>("byte {0}", at);
        }

        foreach (var length in new[] { 0, 591, 4096, 100_000 })
        {
            FluentActions.Invoking(() => Luks1Volume.Open(new MemoryStream(area, 0, length), Passphrase))
                .Should().Throw<CorruptFormatException>("{0} bytes", length);
        }
    }

    /// <summary>Weak parameters are refused.</summary>
    [Fact]
    public void Weak_parameters_are_refused()
    {
        FluentActions.Invoking(() => Luks1Volume.Create(Passphrase, 99_999))
            .Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => Luks1Volume.Create([])).Should().Throw<ArgumentException>();
    }

    private static byte[] Header(Luks1Volume volume)
    {
        var area = new MemoryStream();
        volume.WriteHeader(area);
        return area.ToArray();
    }
}
