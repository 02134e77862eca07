using Microsoft.Win32.SafeHandles;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Reads ranges of files.</summary>
internal static class FileRange
{
    /// <summary>A disk takes hardly longer for it than for less; the digest of the last one is waited for.</summary>
    private const int PieceBytes = 512 << 10;

    /// <summary>Fills the destination, or as much of it as the file has.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async ValueTask<int> FillAsync(
        SafeFileHandle file, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (filled < destination.Length)
        {
            var got = await RandomAccess.ReadAsync(file, destination[filled..], offset + filled, cancellationToken)
                .ConfigureAwait(false);
            if (got == 0)
            {
                break;
            }

            filled += got;
        }

        return filled;
    }

    /// <summary>
    /// As above, and adds the bytes to a digest. Two pieces are asked for at a time: a disk is faster with two, and the
    /// first is hashed while the second comes.
    /// </summary>
    public static async ValueTask<int> FillAsync(
        SafeFileHandle file, long offset, Memory<byte> destination, RunningDigest digest,
        CancellationToken cancellationToken)
    {
        var filled = 0;
        var next = FillPieceAsync(0);
        try
        {
            for (var at = 0; at < destination.Length; at += PieceBytes)
            {
                var piece = next;
                next = FillPieceAsync(at + PieceBytes);
                var got = await piece.ConfigureAwait(false);
                digest.Append(destination.Span.Slice(at, got));
                filled += got;
            }
        }
        finally
        {
            // Nothing may write to the destination any more.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return filled;

        Task<int> FillPieceAsync(int at) => at >= destination.Length ? Task.FromResult(0) : FillAsync(
            file, offset + at, destination.Slice(at, Math.Min(destination.Length - at, PieceBytes)),
            cancellationToken).AsTask();
    }
}
