namespace SnapshotGrains.Storage.Tests.Crypto;

/// <summary>Shows that secrets are wiped before their memory goes back, never printed, gone after dispose.</summary>
public sealed class SecretBytesTests
{
    /// <summary>A length that no other test uses, because tests run side by side and addresses come back.</summary>
    private const int Odd = 101;

    /// <summary>The memory is all zeros when it is freed, whether disposed directly or by a cipher.</summary>
    [Fact]
    public unsafe void Memory_is_wiped_before_it_is_freed()
    {
        var wiped = new List<(nint Address, int Length, bool IsZero)>();
        SecretMemory.ReadOnlySpanAction look = (address, bytes) =>
        {
            lock (wiped)
            {
                wiped.Add((address, bytes.Length, !bytes.ContainsAnyExcept((byte)0)));
            }
        };
        SecretMemory.Wiped += look;
        try
        {
            var secret = SecretBytes.Random(Odd);
            nint address;
            using (var use = secret.Use())
            {
                address = (nint)use.Pointer;
                secret.Dispose();
                use.Span.ContainsAnyExcept((byte)0).Should().BeTrue("a use that is under way keeps the bytes");
                lock (wiped)
                {
                    wiped.Should().NotContain(entry => entry.Address == address && entry.Length == Odd);
                }
            }

            lock (wiped)
            {
                wiped.Should().ContainSingle(entry => entry.Address == address && entry.Length == Odd)
                    .Which.IsZero.Should().BeTrue();
            }
        }
        finally
        {
            SecretMemory.Wiped -= look;
        }
    }

    /// <summary>It holds what was put in, on a page of its own, and starts as zeros.</summary>
    [Fact]
    public unsafe void Bytes_are_kept_on_pages_of_their_own()
    {
        using var zeros = new SecretBytes(64);
        using var copy = SecretBytes.CopyOf([1, 2, 3]);
        zeros.Length.Should().Be(64);
        zeros.Span.ContainsAnyExcept((byte)0).Should().BeFalse();
        copy.Span.ToArray().Should().Equal(1, 2, 3);
        using var use = copy.Use();
        ((nint)use.Pointer % Environment.SystemPageSize).Should().Be(0);
    }

    /// <summary>Two random secrets differ, and their text tells the length alone.</summary>
    [Fact]
    public void Random_secrets_differ_and_text_tells_nothing()
    {
        using var one = SecretBytes.Random(32);
        using var two = SecretBytes.Random(32);
        one.Span.SequenceEqual(two.Span).Should().BeFalse();
        one.ToString().Should().Be("SecretBytes[32]");
    }

    /// <summary>After dispose there is nothing; senseless lengths are refused.</summary>
    [Fact]
    public void Use_after_dispose_and_bad_lengths_are_refused()
    {
        var secret = SecretBytes.Random(32);
        secret.Dispose();
        secret.Dispose();
        FluentActions.Invoking(() => secret.Span.Length).Should().Throw<ObjectDisposedException>();
        foreach (var length in new[] { -1, 0, SecretBytes.MaxLength + 1 })
        {
            FluentActions.Invoking(() => new SecretBytes(length)).Should().Throw<ArgumentOutOfRangeException>();
        }
    }
}
