using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>Steps that touch a disk's bytes.</summary>
internal sealed partial class ModelRun
{
    private async Task<string?> ReadAsync(ReferenceDisk disk, Random random)
    {
        var (offset, length) = RangeOf(disk, random, 3 * DiskSilo.SegmentSize);
        _what = $"{disk.Name} {offset}+{length}";
        var handle = disk.Reader ?? await WriterOfAsync(disk);
        await ReadAsync(handle, offset, _images.Output.AsMemory(0, length));
        return disk.Compare(offset, _images.Output.AsSpan(0, length));
    }

    /// <summary>Reads as an NBD session does: what is at hand at once, the rest by waiting.</summary>
    private static async Task ReadAsync(VirtualDisk handle, long offset, Memory<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            if (!handle.TryLease(offset + done, destination.Length - done, out var slice))
            {
                slice = await handle.LeaseAsync(offset + done, destination.Length - done, None);
            }

            slice.CopyTo(destination.Span[done..]);
            slice.Release();
            done += slice.Length;
        }
    }

    private async Task<string?> WriteAsync(ReferenceDisk disk, Random random)
    {
        var (offset, length) = RangeOf(disk, random, random.Next(4) == 0 ? 100 << 10 : 12 << 10);
        var isDurable = random.Next(6) == 0;
        _what = $"{disk.Name} {offset}+{length}{(isDurable ? " fua" : "")}";
        var handle = await WriterOfAsync(disk);
        var data = _images.Input.AsMemory(0, length);
        random.NextBytes(data.Span);
        disk.Write(offset, data.Span);
        await handle.WriteAsync(offset, data, isDurable, None);
        if (isDurable)
        {
            disk.Flushed(offset, length);
        }

        return null;
    }

    private async Task<string?> TrimAsync(ReferenceDisk disk, Random random)
    {
        var (offset, length) = RangeOf(disk, random, 100 << 10);
        _what = $"{disk.Name} {offset}+{length}";
        var handle = await WriterOfAsync(disk);
        disk.Trim(offset, length);
        await handle.TrimAsync(offset, length, None);
        return null;
    }

    private async Task<string?> ZeroAsync(ReferenceDisk disk, Random random)
    {
        var (offset, length) = RangeOf(disk, random, 100 << 10);
        var isDurable = random.Next(6) == 0;
        _what = $"{disk.Name} {offset}+{length}{(isDurable ? " fua" : "")}";
        var handle = await WriterOfAsync(disk);
        disk.Write(offset, _images.Zeros.AsSpan(0, length));
        await handle.WriteZeroesAsync(offset, length, isDurable, None);
        if (isDurable)
        {
            disk.Flushed(offset, length);
        }

        return null;
    }

    private async Task<string?> FlushAsync(ReferenceDisk disk)
    {
        _what = disk.Name;
        if (disk.Writer is { } handle)
        {
            await handle.FlushAsync(None);
            disk.Flushed();
        }

        return null;
    }

    /// <summary>Half of the ranges are of whole blocks.</summary>
    private static (long Offset, int Length) RangeOf(ReferenceDisk disk, Random random, int maxLength)
    {
        var offset = random.NextInt64(disk.SizeBytes);
        var length = random.NextInt64(1, maxLength);
        if (random.Next(2) == 0)
        {
            offset = offset / ReferenceDisk.Block * ReferenceDisk.Block;
            length = ((length / ReferenceDisk.Block) + 1) * ReferenceDisk.Block;
        }

        return (offset, (int)Math.Min(length, disk.SizeBytes - offset));
    }

    private async Task<VirtualDisk> WriterOfAsync(ReferenceDisk disk) =>
        disk.Writer ??= Wrap(await _node.AttachAsync(disk.Name));

    /// <summary>All bytes of a disk, good until the next read.</summary>
    private async Task<Memory<byte>> ReadAllAsync(ReferenceDisk disk)
    {
        var handle = disk.Writer ?? disk.Reader ?? (disk.Reader = await _node.AttachAsync(
            disk.Name, DiskAccess.ReadOnly));
        if (handle.SizeBytes != disk.SizeBytes)
        {
            throw new InvalidDataException($"{disk.Name} has {handle.SizeBytes} bytes, not {disk.SizeBytes}.");
        }

        var content = _images.Output.AsMemory(0, (int)disk.SizeBytes);
        await ReadAsync(handle, 0, content);
        return content;
    }
}
