using System.Buffers;
using System.Runtime.InteropServices;

namespace SnapshotGrains.Silo.Http;

/// <summary>
/// What connections keep their bytes in on the way: blocks so large that a segment takes 32 of them, rather than the
/// 256 that it takes of the web server's own. The one that was used last is used next: the processor still has it.
/// </summary>
internal sealed class LargeBlockPool : MemoryPool<byte>
{
    private const int BlockBytes = 32 << 10;

    /// <summary>Blocks that are kept for the next ones who need some: 32 MiB.</summary>
    private const int MaxKept = 1024;

    private readonly Lock _gate = new();
    private readonly Stack<Block> _kept = new();

    public override int MaxBufferSize => BlockBytes;

    /// <summary>A block; how much of it is wanted makes no difference.</summary>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        lock (_gate)
        {
            var block = _kept.TryPop(out var kept) ? kept : new Block(this);
            block.IsRented = true;
            return block;
        }
    }

    protected override void Dispose(bool disposing)
    {
        // The collector takes the blocks, when nobody uses them any more.
    }

    /// <summary>Once: a block that is given back twice would have two owners next.</summary>
    private void Return(Block block)
    {
        lock (_gate)
        {
            if (block.IsRented && _kept.Count < MaxKept)
            {
                _kept.Push(block);
            }

            block.IsRented = false;
        }
    }

    private sealed class Block(LargeBlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(
            GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        /// <summary>Guarded by the pool's gate.</summary>
        public bool IsRented { get; set; }

        public void Dispose() => pool.Return(this);
    }
}
