using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>Shows that AES-256-XTS is the standard's, on every path, size and number, and refuses what it cannot do.
/// </summary>
public sealed class AesXtsTests
{
    public static TheoryData<int> SectorSizes => [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];

    private static IEnumerable<AesXtsPath> Paths =>
        Enum.GetValues<AesXtsPath>().Where(path => path != AesXtsPath.AesNi || AesNiXts.IsSupported);

    /// <summary>The standard's own vectors come out, both ways.</summary>
    [Theory]
    [MemberData(nameof(Ieee1619Vectors.Vectors), MemberType = typeof(Ieee1619Vectors))]
    public void Vectors_of_the_standard(long dataUnit, string ciphertext)
    {
        foreach (var path in Paths)
        {
            using var xts = new AesXts(Convert.FromHexString(Ieee1619Vectors.Key), 512, path);
            var bytes = new byte[512];
            xts.Encrypt(Ieee1619Vectors.Plaintext, bytes, dataUnit);
            Convert.ToHexStringLower(bytes).Should().Be(ciphertext, "path {0}", path);
            xts.Decrypt(bytes, bytes, dataUnit);
            bytes.Should().Equal(Ieee1619Vectors.Plaintext, "path {0}", path);
        }
    }

    /// <summary>Random keys, lengths and sector numbers give what a plain reference gives, in place and not.</summary>
    [Theory]
    [MemberData(nameof(SectorSizes))]
    public void Every_path_equals_the_reference(int sectorBytes)
    {
        var random = new Random(sectorBytes);
        foreach (var first in new[] { 0, 7, uint.MaxValue - 2L, (1L << 32) + 5, 1L << 62, long.MaxValue - 40 })
        {
            var key = Bytes(random, AesXts.KeyBytes);
            var plaintext = Bytes(random, sectorBytes * random.Next(1, 20));
            var expected = XtsReference.Encrypt(key, plaintext, sectorBytes, first);
            foreach (var path in Paths)
            {
                using var xts = new AesXts(key, sectorBytes, path);
                var apart = new byte[plaintext.Length];
                xts.Encrypt(plaintext, apart, first);
                apart.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} encrypts from {1}", path, first);
                xts.Decrypt(apart, apart, first);
                apart.AsSpan().SequenceEqual(plaintext).Should().BeTrue("{0} decrypts from {1}", path, first);
                xts.Encrypt(apart, apart, first);
                apart.AsSpan().SequenceEqual(expected).Should().BeTrue("{0} encrypts in place", path);
                var back = new byte[plaintext.Length];
                xts.Decrypt(apart, back, first);
                back.AsSpan().SequenceEqual(plaintext).Should().BeTrue("{0} decrypts apart", path);
            }
        }
    }

    /// <summary>One call over many sectors is many calls over one, whatever the alignment of the buffer.</summary>
    [Fact]
    public void Sectors_are_independent_of_how_they_are_batched()
    {
        var random = new Random(3);
        using var xts = new AesXts(Bytes(random, AesXts.KeyBytes), 512);
        var plaintext = Bytes(random, 33 * 512);
        var whole = new byte[plaintext.Length];
        xts.Encrypt(plaintext, whole, 100);
        var unaligned = new byte[512 + 3].AsSpan(3);
        for (var i = 0; i < 33; i++)
        {
            xts.Encrypt(plaintext.AsSpan(i * 512, 512), unaligned, 100 + i);
            unaligned.SequenceEqual(whole.AsSpan(i * 512, 512)).Should().BeTrue("sector {0}", i);
        }
    }

    /// <summary>Equal content at another place or under another key looks different.</summary>
    [Fact]
    public void Place_and_key_both_count()
    {
        var random = new Random(4);
        byte[] one = Bytes(random, 64), two = Bytes(random, 64);
        var outputs = new HashSet<string>();
        foreach (var key in new[] { one, two, [.. one[..32], .. two[32..]], [.. two[..32], .. one[32..]] })
        {
            using var xts = new AesXts(key);
            var bytes = new byte[2 * 4096];
            xts.Encrypt(bytes, bytes, 0);
            outputs.Add(Convert.ToHexString(bytes, 0, 4096));
            outputs.Add(Convert.ToHexString(bytes, 4096, 4096));
        }

        outputs.Should().HaveCount(8);
    }

    /// <summary>Keys and sector sizes that the standard or the code does not allow are refused.</summary>
    [Fact]
    public void Bad_keys_and_sizes_are_refused()
    {
        var key = Bytes(new Random(5), AesXts.KeyBytes);
        foreach (var length in new[] { 0, 32, 63, 65 })
        {
            FluentActions.Invoking(() => new AesXts(new byte[length])).Should().Throw<ArgumentException>();
        }

        FluentActions.Invoking(() => new AesXts([.. key[..32], .. key[..32]]))
            .Should().Throw<ArgumentException>().WithMessage("*equal*");
        foreach (var size in new[] { int.MinValue, -512, 0, 256, 513, 4095, 131072 })
        {
            FluentActions.Invoking(() => new AesXts(key, size)).Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    /// <summary>Lengths, overlaps and numbers that would give wrong bytes are refused; nothing is nothing.</summary>
    [Fact]
    public void Bad_buffers_and_numbers_are_refused()
    {
        using var xts = new AesXts(Bytes(new Random(6), AesXts.KeyBytes));
        var bytes = new byte[3 * 4096];
        var calls = new Action[]
        {
            () => xts.Encrypt(bytes.AsSpan(0, 4096), bytes.AsSpan(4096, 8192), 0),
            () => xts.Encrypt(bytes.AsSpan(0, 512), bytes.AsSpan(0, 512), 0),
            () => xts.Encrypt(bytes.AsSpan(0, 4096), bytes.AsSpan(16, 4096), 0),
            () => xts.Decrypt(bytes.AsSpan(4096, 8192), bytes.AsSpan(0, 8192), 0),
            () => xts.Decrypt(bytes.AsSpan(0, 4096), bytes.AsSpan(0, 4096), -1),
            () => xts.Encrypt(bytes, bytes, long.MaxValue - 2),
        };
        calls.Should().AllSatisfy(call => call.Should().Throw<ArgumentException>());
        bytes.Should().OnlyContain(b => b == 0);
        xts.Encrypt([], [], 0);
    }

    /// <summary>A disposed cipher refuses.</summary>
    [Fact]
    public void Use_after_dispose_is_refused()
    {
        var xts = new AesXts(Bytes(new Random(7), AesXts.KeyBytes));
        xts.Dispose();
        xts.Dispose();
        var bytes = new byte[4096];
        FluentActions.Invoking(() => xts.Encrypt(bytes, bytes, 0)).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => xts.Decrypt(bytes, bytes, 0)).Should().Throw<ObjectDisposedException>();
    }

    /// <summary>Calls that are under way while another thread disposes end right or are refused, never in between.
    /// </summary>
    [Fact]
    public async Task Disposing_under_use_never_gives_wrong_bytes()
    {
        var random = new Random(8);
        byte[] key = Bytes(random, AesXts.KeyBytes), plaintext = Bytes(random, 64 * 1024);
        var expected = XtsReference.Encrypt(key, plaintext, 4096, 9);
        for (var round = 0; round < 10; round++)
        {
            var xts = new AesXts(key);
            using var used = new CountdownEvent(2);
            var users = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
                () => UseUntilDisposed(xts, used, plaintext, expected), TaskCreationOptions.LongRunning)).ToArray();
            used.Wait(TimeSpan.FromSeconds(30)).Should().BeTrue();
            xts.Dispose();
            await Task.WhenAll(users);
        }
    }

    /// <summary>The hot path allocates nothing.</summary>
    [AesInstructionsFact]
    public void The_fast_path_allocates_nothing()
    {
        using var xts = new AesXts(Bytes(new Random(9), AesXts.KeyBytes));
        var bytes = new byte[64 * 1024];
        xts.Encrypt(bytes, bytes, 0);
        xts.Decrypt(bytes, bytes, 0);
        var allocated = Allocations.LeastOf(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                xts.Encrypt(bytes, bytes, i);
                xts.Decrypt(bytes, bytes, i);
            }
        });

        allocated.Should().Be(0);
    }

    private static void UseUntilDisposed(AesXts xts, CountdownEvent used, byte[] plaintext, byte[] expected)
    {
        var bytes = new byte[plaintext.Length];
        try
        {
            xts.Encrypt(plaintext, bytes, 9);
            used.Signal();
            while (true)
            {
                bytes.AsSpan().SequenceEqual(expected).Should().BeTrue();
                xts.Encrypt(plaintext, bytes, 9);
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it must end.
        }
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
