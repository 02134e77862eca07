using System.Runtime.InteropServices;

namespace SnapshotGrains.Storage.Tests;

/// <summary>A parent whose bytes follow from their place; every fifth block is zero. Past its end it is zero.</summary>
internal sealed class PatternParent(long sizeBytes) : IParentReader
{
    private const int Block = OverlayStore.BlockBytes;

    /// <summary>Reads that were made.</summary>
    public int Reads { get; private set; }

    /// <summary>Completes reads later, as a cold parent does.</summary>
    public bool IsCold { get; init; }

    public async ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Reads++;
        if (IsCold)
        {
            await Task.Yield();
        }

        Fill(offset, destination.Span);
    }

    public void Fill(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var (block, within) = Math.DivRem(offset, Block);
            var content = BlockAt(block).AsSpan((int)within);
            var bytes = Math.Min(content.Length, destination.Length);
            content[..bytes].CopyTo(destination);
            destination = destination[bytes..];
            offset += bytes;
        }
    }

    public byte[] BlockAt(long block)
    {
        var content = new byte[Block];
        if (block % 5 != 4)
        {
            MemoryMarshal.Cast<byte, long>(content.AsSpan()).Fill(unchecked((block + 1) * 0x5851F42D4C957F2D));
        }

        content.AsSpan((int)Math.Clamp(sizeBytes - (block * Block), 0, Block)).Clear();
        return content;
    }
}
