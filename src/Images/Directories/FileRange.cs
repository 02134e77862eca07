using Microsoft.Win32.SafeHandles;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Reads ranges of files.</summary>
internal static class FileRange
{
    /// <summary>Large enough for a disk, small beside a segment: the digest of the last one is waited for.</summary>
    private const int PieceBytes = 256 << 10;

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

    /// <summary>As above, and adds the bytes to a digest, each piece while the next one is read.</summary>
    public static async ValueTask<int> FillAsync(
        SafeFileHandle file, long offset, Memory<byte> destination, RunningDigest digest,
        CancellationToken cancellationToken)
    {
        var piece = FirstOf(destination);
        var filled = await FillAsync(file, offset, piece, cancellationToken).ConfigureAwait(false);
        while (filled < destination.Length && piece.Length > 0)
        {
            var next = FirstOf(destination[filled..]);
            var reading = FillAsync(file, offset + filled, next, cancellationToken);
            digest.Append(piece.Span);
            piece = next[..await reading.ConfigureAwait(false)];
            filled += piece.Length;
        }

        digest.Append(piece.Span);
        return filled;
    }

    private static Memory<byte> FirstOf(Memory<byte> bytes) => bytes[..Math.Min(bytes.Length, PieceBytes)];
}
