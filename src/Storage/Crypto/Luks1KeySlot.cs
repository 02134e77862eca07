using System.Buffers.Binary;

namespace SnapshotGrains.Storage;

/// <summary>One of the eight places of a LUKS1 header where the master key can lie, under a passphrase of its own.
/// </summary>
/// <param name="IsActive">It holds the key.</param>
/// <param name="Iterations">Rounds of PBKDF2 that make a slot key of the passphrase.</param>
/// <param name="Salt">32 bytes.</param>
/// <param name="MaterialSector">Where its stripes lie, in 512-byte sectors.</param>
/// <param name="Stripes">How many.</param>
internal sealed record Luks1KeySlot(bool IsActive, int Iterations, byte[] Salt, int MaterialSector, int Stripes)
{
    public const int SizeBytes = 48;
    public const int SaltBytes = 32;

    private const uint Active = 0x00AC71F3;
    private const uint Inactive = 0x0000DEAD;

    public static Luks1KeySlot Read(ReadOnlySpan<byte> bytes, int at)
    {
        var state = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return state is Active or Inactive
            ? new(state == Active, Luks1Header.ReadNumber(bytes, 4, at), bytes.Slice(8, SaltBytes).ToArray(),
                Luks1Header.ReadNumber(bytes, 40, at), Luks1Header.ReadNumber(bytes, 44, at))
            : throw Luks1Header.Corrupt(at, $"a key slot is neither active nor inactive but 0x{state:x8}");
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, IsActive ? Active : Inactive);
        BinaryPrimitives.WriteInt32BigEndian(bytes[4..], Iterations);
        Salt.CopyTo(bytes[8..]);
        BinaryPrimitives.WriteInt32BigEndian(bytes[40..], MaterialSector);
        BinaryPrimitives.WriteInt32BigEndian(bytes[44..], Stripes);
    }
}
