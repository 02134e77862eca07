namespace SnapshotGrains.Storage;

/// <summary>
/// Ciphertext with holes: a sector that is all zero is a hole and stands for zeros, so that what was never written, was
/// zeroed or trimmed takes no space under a key either. That a sector's ciphertext happens to be all zero has a chance
/// of 2^-32768.
/// </summary>
public static class SparseSectors
{
    /// <summary>Decrypts whole sectors, holes to zeros; as <see cref="ISectorCipher.Decrypt"/> does.</summary>
    public static void Decrypt(
        ISectorCipher cipher, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector)
    {
        var size = cipher.SectorBytes;
        while (!ciphertext.IsEmpty)
        {
            var isHole = ZeroDetector.IsZero(ciphertext[..size]);
            var run = size;
            while (run < ciphertext.Length && ZeroDetector.IsZero(ciphertext.Slice(run, size)) == isHole)
            {
                run += size;
            }

            if (isHole)
            {
                plaintext[..run].Clear();
            }
            else
            {
                cipher.Decrypt(ciphertext[..run], plaintext[..run], firstSector);
            }

            ciphertext = ciphertext[run..];
            plaintext = plaintext[run..];
            firstSector += run / size;
        }
    }
}
