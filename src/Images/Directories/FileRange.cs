using Microsoft.Win32.SafeHandles;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Reads ranges of files: each read fills its destination, or as much of it as the file has.</summary>
internal static class FileRange
{
    /// <summary>A disk takes hardly longer for a piece of this size than for less; the last one's digest is waited for.
    /// </summary>
    private const int PieceBytes = 512 << 10;

    /// <summary>Reads a range on a thread of the pool.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Task<int> FillAsync(
        SafeFileHandle file, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        Task.Run(() => FileRead.Fill(file, offset, destination.Span), cancellationToken);

    /// <summary>
    /// Reads a range and adds its bytes to a digest. Two pieces are asked for at a time, the first by the caller's
    /// thread: it is hashed while the second comes, nothing waits for another thread to wake, and a disk that has to
    /// look for them is faster with two.
    /// </summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<int> FillAsync(
        SafeFileHandle file, long offset, Memory<byte> destination, RunningDigest digest,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var next = ReadAsync(PieceBytes);
        try
        {
            var filled = Add(0, FileRead.Fill(file, offset, PieceAt(0).Span));
            for (var at = PieceBytes; at < destination.Length; at += PieceBytes)
            {
                var piece = next;
                next = ReadAsync(at + PieceBytes);
                filled += Add(at, await piece.ConfigureAwait(false));
            }

            return filled;
        }
        finally
        {
            // Nothing may write to the destination any more.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Memory<byte> PieceAt(int at) => destination.Slice(at, Math.Min(destination.Length - at, PieceBytes));

        Task<int> ReadAsync(int at) => at < destination.Length
            ? FillAsync(file, offset + at, PieceAt(at), cancellationToken) : Task.FromResult(0);

        int Add(int at, int bytes)
        {
            digest.Append(destination.Span.Slice(at, bytes));
            return bytes;
        }
    }
}
