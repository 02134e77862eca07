using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>
/// Does the same to a layered disk and to an array of bytes: several requests at a time, on ranges that share sectors
/// but no bytes, while the disk beneath completes what it is asked for in any order.
/// </summary>
internal sealed class LayerModel(LayerStack stack, Random random)
{
    private const int Block = StoreDisk.Block;
    private readonly byte[] _model = new byte[stack.Layout.SizeBytes];

    private VirtualDisk Disk => stack.Disk;

    public async Task RunAsync(int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            stack.Store.IsCold = random.Next(2) == 0;
            stack.Store.IsSlow = random.Next(4) > 0;
            await stack.Store.DriveAsync(Task.WhenAll([.. Requests()]));
            await stack.Store.DriveAsync(CheckReadsAsync());
            stack.Store.IsSlow = false;
            await CheckExtentsAsync();
        }

        await CheckAllAsync();
    }

    /// <summary>Requests on neighbouring ranges: small ones, so that they share sectors, and sometimes a large one.
    /// </summary>
    private IEnumerable<Task> Requests()
    {
        var at = random.NextInt64(_model.Length);
        for (var left = random.Next(1, 9); left > 0 && at < _model.Length; left--)
        {
            var length = (int)Math.Min(Length(), _model.Length - at);
            yield return RequestAsync(at, length);
            at += length + (random.Next(2) * random.Next(600));
        }
    }

    private int Length() => random.Next(4) switch
    {
        0 => random.Next(1, 3000),
        1 => random.Next(1, 100_000),
        2 => Block * random.Next(1, 20),
        _ => (int)Math.Min(_model.Length, random.Next(1, 8 * (int)stack.Format.SetBytes)),
    };

    private Task RequestAsync(long offset, int length)
    {
        var bytes = _model.AsSpan((int)offset, length);
        var isDurable = random.Next(8) == 0;
        switch (random.Next(6))
        {
            case 0:
                bytes.Clear();
                return Disk.WriteZeroesAsync(offset, length, isDurable).AsTask();
            case 1:
                Trim(offset, length);
                return Disk.TrimAsync(offset, length).AsTask();
            case 2:
                return CheckReadAsync(offset, length);
            case 3:
                return Disk.FlushAsync().AsTask();
            default:
                random.NextBytes(bytes);
                return Disk.WriteAsync(offset, bytes.ToArray(), isDurable).AsTask();
        }
    }

    private void Trim(long offset, long length)
    {
        var end = offset + length == _model.Length ? _model.Length : (offset + length) / Block * Block;
        offset = (offset + Block - 1) / Block * Block;
        if (offset < end)
        {
            _model.AsSpan((int)offset, (int)(end - offset)).Clear();
        }
    }

    private async Task CheckReadsAsync()
    {
        for (var i = 0; i < 2; i++)
        {
            var offset = random.NextInt64(_model.Length);
            await CheckReadAsync(offset, (int)Math.Min(Length(), _model.Length - offset));
        }
    }

    private async Task CheckReadAsync(long offset, int length)
    {
        var (bytes, how) = (new byte[length], random.Next(3));
        var expected = _model.AsSpan((int)offset, length).ToArray();
        if (how == 0)
        {
            (await Disk.ReadAsync(offset, bytes)).Should().Be(length);
        }
        else if (how == 1)
        {
            await Disk.ReadManyAsync(offset, bytes);
        }
        else
        {
            await LeaseAllAsync(offset, bytes);
        }

        bytes.AsSpan().SequenceEqual(expected).Should().BeTrue(
            "{0} bytes at {1} of {2} were read in way {3}", length, offset, _model.Length, how);
    }

    private async Task LeaseAllAsync(long offset, byte[] bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            if (!Disk.TryLease(offset + done, bytes.Length - done, out var slice))
            {
                slice = await Disk.LeaseAsync(offset + done, bytes.Length - done);
            }

            slice.Length.Should().BeInRange(1, bytes.Length - done);
            slice.CopyTo(bytes.AsSpan(done));
            slice.Release();
            done += slice.Length;
        }
    }

    private async Task CheckExtentsAsync()
    {
        var offset = random.NextInt64(_model.Length);
        var end = offset + Math.Min(Length(), _model.Length - offset);
        var most = random.Next(3) == 0 ? int.MaxValue : random.Next(1, 8);
        var extents = await Disk.GetExtentsAsync(offset, end - offset, most);
        extents.Count.Should().BeInRange(1, most);
        for (var i = 0; i < extents.Count; i++)
        {
            var extent = extents[i];
            extent.Offset.Should().Be(offset);
            (i == 0 || extents[i - 1].IsZero != extent.IsZero).Should().BeTrue("neighbours that are alike are one");
            for (var at = offset / Block * Block; at < offset + extent.Length; at += Block)
            {
                stack.Store.IsHole(stack.Layout.ToPhysical(at)).Should().Be(extent.IsZero, "{0} says so", extent);
            }

            offset += extent.Length;
        }

        offset.Should().BeLessThanOrEqualTo(end);
        (offset == end || extents.Count == most).Should().BeTrue();
    }

    /// <summary>Every stored block is what it must be, holes are zeros, and nothing is stored elsewhere.</summary>
    private async Task CheckAllAsync()
    {
        await CheckReadAsync(0, _model.Length);
        long stored = 0;
        for (var at = 0; at < _model.Length; at += Block)
        {
            var plaintext = _model.AsSpan(at, Math.Min(Block, _model.Length - at));
            var physical = stack.Layout.ToPhysical(at);
            if (stack.Store.IsHole(physical))
            {
                plaintext.ContainsAnyExcept((byte)0).Should().BeFalse("block {0} is a hole", at);
                continue;
            }

            stored++;
            stack.Store.BlockAt(physical).SequenceEqual(stack.StoredFor(at, plaintext)).Should().BeTrue();
            if (stack.Format.IsEncrypted)
            {
                stack.Store.BlockAt(physical).ContainsAnyExcept((byte)0).Should().BeTrue("only holes are zeros");
                stack.Store.BlockAt(physical)[..plaintext.Length].SequenceEqual(plaintext).Should().BeFalse();
            }
        }

        stack.Store.DataBlocks.Should().Be(stored);
        stack.Store.Lent.Should().Be(0, "every slice was given back");
    }
}
