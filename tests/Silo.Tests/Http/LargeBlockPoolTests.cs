using SnapshotGrains.Silo.Http;

namespace SnapshotGrains.Silo.Tests.Http;

/// <summary>Shows that connections never share a block, and that those that are given back are used again.</summary>
public sealed class LargeBlockPoolTests : IDisposable
{
    private readonly LargeBlockPool _pool = new();

    public void Dispose() => _pool.Dispose();

    // The last one given back is the next one.
    [Fact]
    public void Blocks_are_used_again()
    {
        var (first, second) = (_pool.Rent(), _pool.Rent());
        first.Memory.Length.Should().Be(_pool.MaxBufferSize);
        first.Dispose();
        second.Dispose();
        _pool.Rent().Should().BeSameAs(second);
        _pool.Rent().Should().BeSameAs(first);
    }

    // Else two connections would write into the same memory.
    [Fact]
    public void A_block_that_is_given_back_twice_has_one_owner_next()
    {
        var block = _pool.Rent();
        block.Dispose();
        block.Dispose();
        _pool.Rent().Should().NotBeSameAs(_pool.Rent());
    }

    [Fact]
    public void More_than_a_block_is_refused()
    {
        var rent = () => _pool.Rent(_pool.MaxBufferSize + 1);
        rent.Should().Throw<ArgumentOutOfRangeException>();
    }

    // Whoever takes and gives back at the same time as others has his block to himself.
    [Fact]
    public async Task No_two_have_the_same_block()
    {
        await Task.WhenAll(Enumerable.Range(1, 4).Select(mark => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                using var block = _pool.Rent();
                block.Memory.Span[..64].Fill((byte)mark);
                block.Memory.Span[..64].IndexOfAnyExcept((byte)mark).Should().Be(-1);
            }
        })));
    }
}
