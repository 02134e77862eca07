using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>From one key to another, in place.</summary>
/// <param name="from">The key the bytes are under; null for none.</param>
/// <param name="to">The key they get; null for none.</param>
internal sealed class CipherChange(ISectorCipher? from, ISectorCipher? to)
{
    /// <summary>Sectors that fit the processor's cache: both passes find them there.</summary>
    private const int PieceBytes = 64 << 10;

    public bool IsNone => from is null && to is null;

    public bool Encrypts => to is not null;

    /// <summary>Changes whole sectors.</summary>
    public void Apply(Span<byte> sectors, long firstSector)
    {
        while (!sectors.IsEmpty)
        {
            var piece = sectors[..Math.Min(PieceBytes, sectors.Length)];
            if (from is not null)
            {
                SparseSectors.Decrypt(from, piece, piece, firstSector);
            }

            to?.Encrypt(piece, piece, firstSector);
            sectors = sectors[piece.Length..];
            firstSector += piece.Length / StripeLayout.MinUnitBytes;
        }
    }
}
