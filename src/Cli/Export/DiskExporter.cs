using System.Buffers;
using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Export;

/// <summary>
/// Copies a disk piece by piece: asks where its data is, and only for that. What is encrypted comes so, in whole
/// sectors, and is decrypted here.
/// </summary>
/// <param name="server">Where the disk is.</param>
/// <param name="disk">The disk.</param>
/// <param name="key">Its key; null when it has none.</param>
/// <param name="target">Where its bytes go.</param>
internal sealed class DiskExporter(HttpControlPlane server, DiskInfo disk, DataKey? key, ExportTarget target)
{
    private const int MaxExtents = 4096;
    private const int PieceBytes = 256 << 10;

    /// <summary>What one request asks for: long enough for full speed, with an end in sight.</summary>
    private const long MaxRequestBytes = 1L << 30;

    private readonly long _storedBytes = key is null
        ? disk.SizeBytes : (disk.SizeBytes + key.SectorBytes - 1) / key.SectorBytes * key.SectorBytes;

    private long _dataBytes;

    /// <summary>Copies all of it.</summary>
    /// <param name="done">Told how many bytes of the disk are dealt with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Bytes of data that were transferred.</returns>
    public async Task<long> RunAsync(Action<long> done, CancellationToken cancellationToken)
    {
        for (long offset = 0; offset < _storedBytes;)
        {
            var extents = await server.GetDiskExtentsAsync(
                disk.Name, offset, _storedBytes - offset, MaxExtents, cancellationToken);
            foreach (var extent in extents)
            {
                await CopyAsync(extent, done, cancellationToken);
                offset = extent.Offset + extent.Length;
                done(Math.Min(offset, disk.SizeBytes));
            }
        }

        return _dataBytes;
    }

    private async Task CopyAsync(DiskExtent extent, Action<long> done, CancellationToken cancellationToken)
    {
        if (extent.IsZero)
        {
            await target.SkipAsync(
                extent.Offset, Math.Min(extent.Length, disk.SizeBytes - extent.Offset), cancellationToken);
            return;
        }

        var end = extent.Offset + extent.Length;
        for (var offset = extent.Offset; offset < end;)
        {
            var length = Math.Min(MaxRequestBytes, end - offset);
            await CopyDataAsync(offset, length, done, cancellationToken);
            offset += length;
        }
    }

    private async Task CopyDataAsync(long offset, long length, Action<long> done, CancellationToken cancellationToken)
    {
        var content = await server.OpenDiskContentAsync(disk.Name, offset, length, cancellationToken);
        await using var closing = content;
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var end = offset + length; offset < end;)
            {
                var data = piece.AsMemory(0, (int)Math.Min(PieceBytes, end - offset));
                await content.ReadExactlyAsync(data, cancellationToken);
                key?.DecryptSparse(data.Span, offset / key.SectorBytes);
                var wanted = data[..(int)Math.Min(data.Length, disk.SizeBytes - offset)];
                await WriteAsync(offset, wanted, cancellationToken);
                offset += data.Length;
                _dataBytes += wanted.Length;
                done(Math.Min(offset, disk.SizeBytes));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece, clearArray: key is not null);
        }
    }

    /// <summary>Data may be zeros all the same, which then take no space in a file.</summary>
    private ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        data.Span.ContainsAnyExcept((byte)0)
            ? target.WriteAsync(offset, data, cancellationToken)
            : target.SkipAsync(offset, data.Length, cancellationToken);
}
