using SnapshotGrains.Client;
using SnapshotGrains.Storage;
using SnapshotGrains.Testing;

namespace SnapshotGrains.Grains.Tests;

/// <summary>The bytes of replicas, as they are and as the snapshot's.</summary>
internal static class ReplicaBytes
{
    /// <summary>All bytes of the snapshot, read through a replica.</summary>
    public static async Task<byte[]> ReadPlainAsync(
        GrainCluster cluster, ReplicaId replica, long size, ScrambleCipher? cipher)
    {
        var layout = replica.Format!.LayoutOf(size);
        var bytes = await ReadAsync(cluster, replica);
        return cipher is null ? Unstripe(layout, bytes) : Decrypt(layout, bytes, cipher);
    }

    /// <summary>All bytes of a replica's address space.</summary>
    public static async Task<byte[]> ReadAsync(GrainCluster cluster, ReplicaId replica)
    {
        var reader = await cluster.Readers.OpenAsync(replica, CancellationToken.None);
        var bytes = new byte[reader.Map.SizeBytes];
        await Parallel.ForAsync(0, reader.Map.SegmentCount, async (n, ct) =>
        {
            for (var (at, end) = (n * reader.Map.SegmentSizeBytes, (n + 1) * reader.Map.SegmentSizeBytes); at < end;)
            {
                var slice = await reader.LeaseAsync(at, (int)(end - at), ct);
                slice.CopyTo(bytes.AsSpan((int)at));
                slice.Release();
                at += slice.Length;
            }
        });
        return bytes;
    }

    public static byte[] Unstripe(StripeLayout layout, byte[] physical)
    {
        var bytes = new byte[layout.SizeBytes];
        for (long at = 0; at < bytes.Length; at += 512)
        {
            var length = (int)Math.Min(512, bytes.Length - at);
            physical.AsSpan((int)layout.ToPhysical(at), length).CopyTo(bytes.AsSpan((int)at));
        }

        return bytes;
    }

    public static byte[] Decrypt(StripeLayout layout, byte[] physical, ScrambleCipher cipher)
    {
        var bytes = Unstripe(layout.WithSize((layout.SizeBytes + 4095) / 4096 * 4096), physical);
        SparseSectors.Decrypt(cipher, bytes, bytes, 0);
        return bytes[..(int)layout.SizeBytes];
    }
}
