using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

public sealed partial class CipherDisk
{
    /// <summary>
    /// Fills a buffer from the first slice on with what is at hand: stripe units may be small, and one slice of many is
    /// cheaper to send than many slices.
    /// </summary>
    /// <returns>Bytes decrypted, at least one sector.</returns>
    private int DecryptAll(DiskSlice slice, long start, Span<byte> buffer)
    {
        var done = 0;
        do
        {
            done += Take(slice, start + done, buffer[done..]);
        }
        while (done < buffer.Length && TryNext(start + done, buffer.Length - done, out slice));

        return done;
    }

    private bool TryNext(long start, int length, out DiskSlice slice)
    {
        if (!_inner.TryLease(start, length, out slice))
        {
            return false;
        }

        var isLongHole = slice.IsZero && slice.Length >= MinHoleBytes;
        if (isLongHole)
        {
            slice.Release();
        }

        return !isLongHole;
    }

    /// <summary>Decrypts a slice and gives it back.</summary>
    private unsafe int Take(in DiskSlice slice, long start, Span<byte> destination)
    {
        if (slice.IsZero)
        {
            var length = TakeHole(slice);
            destination[..length].Clear();
            return length;
        }

        try
        {
            CheckSectors(slice);
            Decrypt(new ReadOnlySpan<byte>((void*)slice.Address, slice.Length), destination, start);
            return slice.Length;
        }
        finally
        {
            slice.Release();
        }
    }

    private int TakeHole(in DiskSlice slice)
    {
        slice.Release();
        CheckSectors(slice);
        return slice.Length;
    }

    /// <summary>A part of a sector cannot be decrypted.</summary>
    private void CheckSectors(in DiskSlice slice)
    {
        if (slice.Length <= 0 || slice.Length % SectorBytes != 0)
        {
            throw new SnapshotGrainsException(
                ErrorCode.Internal,
                $"The stored bytes of '{Name}' came in a run of {slice.Length}, not in whole sectors.");
        }
    }

    /// <summary>Decrypts whole sectors, in place or not; holes are zeros.</summary>
    private void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long start) =>
        SparseSectors.Decrypt(_key, ciphertext, plaintext, start / SectorBytes);
}
