namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>Shows that key envelopes are RFC 5649's, open with their KEK alone, and that names are stable.</summary>
public sealed class KeyEnvelopeTests
{
    private const string Kek = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a80001020304050607";

    /// <summary>The example of RFC 5649, section 6, under a 256-bit KEK as OpenSSL's own tests have it.</summary>
    [Fact]
    public void Known_vector()
    {
        using var kek = SecretBytes.CopyOf(Convert.FromHexString(Kek));
        using var dek = SecretBytes.CopyOf(Convert.FromHexString("c37b7e6492584340bed12207808941155068f738"));
        const string Envelope = "a3696fe696c7baa90972a62d5a334c353ca01cd2d02cb407d72a231e01ead9dd";
        Convert.ToHexStringLower(KeyEnvelope.Wrap(kek, dek)).Should().Be(Envelope);
        using var opened = KeyEnvelope.Unwrap(kek, Convert.FromHexString(Envelope));
        opened.Span.SequenceEqual(dek.Span).Should().BeTrue();
    }

    /// <summary>Keys of every length come back, in an envelope of the length that RFC 5649 says.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(AesXts.KeyBytes)]
    [InlineData(4096)]
    public void A_key_comes_back(int length)
    {
        using var kek = SecretBytes.Random(KeyEnvelope.KekBytes);
        using var dek = SecretBytes.Random(length);
        var envelope = KeyEnvelope.Wrap(kek, dek);
        envelope.Should().HaveCount(((length + 7) / 8 * 8) + 8);
        using var opened = KeyEnvelope.Unwrap(kek, envelope);
        opened.Length.Should().Be(length);
        opened.Span.SequenceEqual(dek.Span).Should().BeTrue();
    }

    /// <summary>Another KEK, and each single flipped bit, is refused by an error that names the KEK tried.</summary>
    [Fact]
    public void Wrong_kek_and_every_flipped_bit_are_refused()
    {
        using var kek = SecretBytes.Random(KeyEnvelope.KekBytes);
        using var other = SecretBytes.Random(KeyEnvelope.KekBytes);
        using var dek = SecretBytes.Random(AesXts.KeyBytes);
        var envelope = KeyEnvelope.Wrap(kek, dek);
        Refused(other, envelope).KekId.Should().Be(KeyEnvelope.IdOf(other));
        for (var bit = 0; bit < envelope.Length * 8; bit++)
        {
            envelope[bit / 8] ^= (byte)(1 << (bit % 8));
            var error = Refused(kek, envelope);
            error.Fault.Should().Be(KeyEnvelopeFault.NotOpened);
            error.Message.Should().Contain(KeyEnvelope.IdOf(kek));
            envelope[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    /// <summary>What has no envelope's length is called malformed.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(71)]
    [InlineData(73)]
    [InlineData(8192)]
    public void Other_lengths_are_malformed(int length)
    {
        using var kek = SecretBytes.Random(KeyEnvelope.KekBytes);
        Refused(kek, new byte[length]).Fault.Should().Be(KeyEnvelopeFault.Malformed);
    }

    /// <summary>A KEK's name is that of its bytes, for ever: stored keys refer to it.</summary>
    [Fact]
    public void Names_are_stable_and_differ()
    {
        using var kek = SecretBytes.CopyOf(Convert.FromHexString(Kek));
        using var same = SecretBytes.CopyOf(kek.Span);
        using var other = SecretBytes.Random(KeyEnvelope.KekBytes);
        KeyEnvelope.IdOf(kek).Should().Be("806a0472928df736").And.Be(KeyEnvelope.IdOf(same));
        KeyEnvelope.IdOf(other).Should().NotBe(KeyEnvelope.IdOf(kek)).And.MatchRegex("^[0-9a-f]{16}$");
    }

    /// <summary>KEKs of another length, keys that are too long and disposed secrets are refused.</summary>
    [Fact]
    public void Bad_arguments_are_refused()
    {
        using var small = SecretBytes.Random(16);
        using var kek = SecretBytes.Random(KeyEnvelope.KekBytes);
        using var large = new SecretBytes(4097);
        var gone = SecretBytes.Random(KeyEnvelope.KekBytes);
        gone.Dispose();
        FluentActions.Invoking(() => KeyEnvelope.Wrap(small, kek)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => KeyEnvelope.Unwrap(small, new byte[24])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => KeyEnvelope.IdOf(small)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => KeyEnvelope.Wrap(kek, large)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => KeyEnvelope.Wrap(gone, kek)).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => KeyEnvelope.Wrap(kek, gone)).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => KeyEnvelope.IdOf(gone)).Should().Throw<ObjectDisposedException>();
    }

    private static KeyEnvelopeException Refused(SecretBytes kek, byte[] envelope) =>
        FluentActions.Invoking(() => KeyEnvelope.Unwrap(kek, envelope))
            .Should().Throw<KeyEnvelopeException>().Which;
}
