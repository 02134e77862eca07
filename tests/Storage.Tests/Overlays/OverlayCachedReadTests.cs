using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>Shows that a read that must not wait gives the right bytes or none, and checks them.</summary>
public sealed class OverlayCachedReadTests : IDisposable
{
    private const int Block = OverlayStore.BlockBytes;
    private const int Blocks = 300;
    private const long Size = Blocks * Block;
    private readonly Guid _disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f006");
    private readonly TempDirectory _folder = new();
    private readonly PatternParent _parent = new(Size);

    public void Dispose() => _folder.Dispose();

    /// <summary>What was just written is in memory: any range of it is read, zeros and data alike.</summary>
    [Fact]
    public async Task Written_bytes_are_read_at_once()
    {
        await using var directory = new OverlayDirectory(_folder.Path);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        var expected = new byte[Size];
        new Random(3).NextBytes(expected);
        await store.WriteAsync(0, expected, _parent);
        await store.TrimAsync(50 * Block, 70 * Block);
        expected.AsSpan(50 * Block, 70 * Block).Clear();
        var random = new Random(4);
        for (var n = 0; n < 200; n++)
        {
            var offset = random.Next((int)Size);
            var actual = new byte[random.Next(1, (int)Size - offset + 1)];
            store.TryRead(offset, actual).Should().BeTrue();
            actual.AsSpan().SequenceEqual(expected.AsSpan(offset, actual.Length)).Should().BeTrue();
        }

        await store.ResizeAsync(Size * 2);
        store.TryRead(Size, new byte[Block]).Should().BeTrue();
    }

    /// <summary>A file says itself what it has at once, and its end is not taken for bytes that are missing.</summary>
    [Fact]
    public void A_file_ends_where_it_ends()
    {
        using var file = BlockFileSystem.Instance.Create(_folder["file"]);
        file.Write(0, new byte[Block + 10]);
        (file.TryRead(Block, new byte[Block], out var bytes), bytes).Should().Be((true, 10));
        (file.TryRead(2 * Block, new byte[Block], out bytes), bytes).Should().Be((true, 0));
    }

    /// <summary>Without the bytes in memory nothing is read; where the file cannot tell the read just waits.</summary>
    [Fact]
    public async Task Bytes_that_are_not_in_memory_are_left_to_a_read_that_waits()
    {
        var files = new ColdFileSystem(BlockFileSystem.Instance);
        await using var directory = new OverlayDirectory(_folder.Path, files: files);
        await using var store = await directory.OpenAsync(_disk, Size, 1);
        await store.WriteAsync(0, new byte[4 * Block], _parent);
        files.IsCold = true;
        store.TryRead(0, new byte[4 * Block]).Should().BeFalse();
        store.TryRead(5, new byte[10]).Should().BeFalse();
        store.Read(0, new byte[4 * Block]);
        files.IsCold = false;
        store.TryRead(0, new byte[4 * Block]).Should().BeTrue();
    }

    /// <summary>Damage is never returned: the read that may wait names it. The parent's blocks are refused.</summary>
    [Fact]
    public async Task Damage_is_not_read()
    {
        var machine = new PowerLossFileSystem();
        await using var store = await new OverlayDirectory("/", null, machine).OpenAsync(_disk, Size, 1);
        await store.WriteAsync(0, new byte[3 * Block], _parent);
        machine[machine.Names.Single()].FlipBit(2 * Block * 8L);
        store.TryRead(0, new byte[3 * Block]).Should().BeFalse();
        store.TryRead(Block + 1, new byte[1]).Should().BeFalse();
        store.TryRead(0, new byte[Block]).Should().BeTrue();
        store.Invoking(s => s.Read(0, new byte[3 * Block])).Should().Throw<OverlayCorruptException>();
        store.Invoking(s => s.TryRead(3 * Block, new byte[1])).Should().Throw<InvalidOperationException>();
        await store.DisposeAsync();
        store.Invoking(s => s.TryRead(0, new byte[1])).Should().Throw<ObjectDisposedException>();
    }
}
