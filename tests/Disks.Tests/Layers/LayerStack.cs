using SnapshotGrains.Client;

namespace SnapshotGrains.Disks.Tests;

/// <summary>A disk in a format, over one in memory.</summary>
internal sealed class LayerStack : IAsyncDisposable
{
    public static readonly KeyRef KeyName = new("k", new Guid("6d0d9d6a-1f5e-4f0e-9d39-31f0c2f8a4a1"));

    public LayerStack(LayerFormat format, long sizeBytes)
    {
        var layout = format.LayoutOf(sizeBytes);
        (Format, Layout) = (format, layout);
        Store = new StoreDisk(layout.PhysicalBytes);
        Key = new DataKey(KeyName, new AesCipher(42));
        Disk = Open(Store, Gate);
    }

    public LayerFormat Format { get; }

    public SnapshotGrains.Storage.StripeLayout Layout { get; }

    public StoreDisk Store { get; }

    public DataKey Key { get; }

    public SectorGate Gate { get; } = new();

    public VirtualDisk Disk { get; }

    /// <summary>Another attachment of the same bytes.</summary>
    public VirtualDisk Open(VirtualDisk store, SectorGate gate)
    {
        var size = Layout.SizeBytes;
        return Format.IsEncrypted
            ? new CipherDisk(new StripedDisk(store, Layout, (size + 4095) / 4096 * 4096), Key, gate, size)
            : new StripedDisk(store, Layout, size);
    }

    /// <summary>What must be stored for a block of the guest's.</summary>
    public byte[] StoredFor(long offset, ReadOnlySpan<byte> plaintext)
    {
        var block = new byte[StoreDisk.Block];
        plaintext.CopyTo(block);
        if (Format.IsEncrypted)
        {
            Key.Encrypt(block, block, offset / StoreDisk.Block);
        }

        return block;
    }

    public async ValueTask DisposeAsync()
    {
        await Disk.DisposeAsync();
        Key.Dispose();
    }
}
