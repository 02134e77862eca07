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
            return _kept.TryPop(out var block) ? block : new Block(this);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // The collector takes the blocks, when nobody uses them any more.
    }

    private void Return(Block block)
    {
        lock (_gate)
        {
            if (_kept.Count < MaxKept)
            {
                _kept.Push(block);
            }
        }
    }

    private sealed class Block(LargeBlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(
            GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Dispose() => pool.Return(this);
    }
}
