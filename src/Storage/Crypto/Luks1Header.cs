using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>
/// The partition header of LUKS1 (on-disk format 1.2.3, figures 1 and 2): 592 bytes, big-endian. Only the cipher that
/// we write is read: aes, xts-plain64, a 64-byte key, sha256.
/// </summary>
/// <param name="PayloadSector">Where the payload starts, in 512-byte sectors.</param>
/// <param name="KeyDigest">20 bytes that PBKDF2 makes of the right master key.</param>
/// <param name="DigestSalt">32 bytes.</param>
/// <param name="DigestIterations">Rounds for the digest.</param>
/// <param name="Uuid">Names the volume.</param>
/// <param name="KeySlots">All eight.</param>
internal sealed record Luks1Header(int PayloadSector, byte[] KeyDigest, byte[] DigestSalt, int DigestIterations,
    string Uuid, Luks1KeySlot[] KeySlots)
{
    public const int SizeBytes = 592;
    public const int SectorBytes = 512;
    public const int Slots = 8;
    public const int Stripes = 4000;
    public const int DigestBytes = 20;

    /// <summary>Bytes of a slot's stripes.</summary>
    public const int MaterialBytes = Stripes * AesXts.KeyBytes;

    /// <summary>A minute of work and more: a header that asks for more is damaged, or an attack.</summary>
    public const int MostIterations = 100_000_000;

    /// <summary>The slots' stripes and the payload start at multiples of 4 KiB, as cryptsetup lays them out.</summary>
    private const int AlignSectors = 8;
    private const int MaterialSectors =
        ((MaterialBytes / SectorBytes) + AlignSectors - 1) / AlignSectors * AlignSectors;

    private const int NameBytes = 32;
    private const int CipherAt = 8;
    private const int PayloadAt = 104;
    private const int DigestAt = 112;
    private const int UuidAt = 168;
    private const int UuidBytes = 40;
    private const int SlotsAt = 208;

    private static ReadOnlySpan<byte> MagicAndVersion => [(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xBA, 0xBE, 0, 1];

    /// <summary>Cipher, mode and hash, in the order of the header.</summary>
    private static string[] Names => ["aes", "xts-plain64", "sha256"];

    /// <summary>Where the stripes of a slot start, in 512-byte sectors.</summary>
    public static int MaterialSectorOf(int slot) => AlignSectors + (slot * MaterialSectors);

    /// <summary>Reads and checks a header.</summary>
    /// <exception cref="CorruptFormatException">It is none, damaged, or of a kind that is not read here.</exception>
    public static Luks1Header Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes[..MagicAndVersion.Length].SequenceEqual(MagicAndVersion))
        {
            throw Corrupt(0, "it does not start with LUKS version 1");
        }

        for (var i = 0; i < Names.Length; i++)
        {
            CheckName(bytes, CipherAt + (i * NameBytes), Names[i]);
        }

        var digest = bytes[DigestAt..];
        return Check(new(
            ReadNumber(bytes, PayloadAt, 0),
            digest[..DigestBytes].ToArray(),
            digest.Slice(DigestBytes, Luks1KeySlot.SaltBytes).ToArray(),
            ReadNumber(bytes, DigestAt + DigestBytes + Luks1KeySlot.SaltBytes, 0),
            Encoding.ASCII.GetString(bytes.Slice(UuidAt, UuidBytes)).TrimEnd('\0'),
            ReadSlots(bytes[SlotsAt..])), ReadNumber(bytes, PayloadAt + sizeof(int), 0));
    }

    /// <summary>Reads a number that must not have its highest bit set.</summary>
    public static int ReadNumber(ReadOnlySpan<byte> bytes, int offset, int at)
    {
        var number = BinaryPrimitives.ReadInt32BigEndian(bytes[offset..]);
        return number >= 0 ? number : throw Corrupt(at + offset, $"{(uint)number} is out of range");
    }

    public static CorruptFormatException Corrupt(long at, string reason) => new("LUKS1 header", at, reason);

    /// <summary>Writes the header's <see cref="SizeBytes"/> into zeroed memory.</summary>
    public void Write(Span<byte> bytes)
    {
        MagicAndVersion.CopyTo(bytes);
        for (var i = 0; i < Names.Length; i++)
        {
            Encoding.ASCII.GetBytes(Names[i], bytes[(CipherAt + (i * NameBytes))..]);
        }

        BinaryPrimitives.WriteInt32BigEndian(bytes[PayloadAt..], PayloadSector);
        BinaryPrimitives.WriteInt32BigEndian(bytes[(PayloadAt + sizeof(int))..], AesXts.KeyBytes);
        KeyDigest.CopyTo(bytes[DigestAt..]);
        DigestSalt.CopyTo(bytes[(DigestAt + DigestBytes)..]);
        BinaryPrimitives.WriteInt32BigEndian(
            bytes[(DigestAt + DigestBytes + Luks1KeySlot.SaltBytes)..], DigestIterations);
        Encoding.ASCII.GetBytes(Uuid, bytes[UuidAt..]);
        for (var i = 0; i < Slots; i++)
        {
            KeySlots[i].Write(bytes[(SlotsAt + (i * Luks1KeySlot.SizeBytes))..]);
        }
    }

    /// <summary>Says whether a master key is this volume's.</summary>
    public bool IsKey(ReadOnlySpan<byte> masterKey)
    {
        Span<byte> digest = stackalloc byte[DigestBytes];
        DigestOf(masterKey, DigestSalt, DigestIterations, digest);
        return CryptographicOperations.FixedTimeEquals(digest, KeyDigest);
    }

    /// <summary>The digest by which a master key is recognised.</summary>
    public static void DigestOf(ReadOnlySpan<byte> masterKey, byte[] salt, int iterations, Span<byte> digest) =>
        Rfc2898DeriveBytes.Pbkdf2(masterKey, salt, digest, iterations, HashAlgorithmName.SHA256);

    private static Luks1KeySlot[] ReadSlots(ReadOnlySpan<byte> bytes)
    {
        var slots = new Luks1KeySlot[Slots];
        for (var i = 0; i < Slots; i++)
        {
            slots[i] = Luks1KeySlot.Read(
                bytes[(i * Luks1KeySlot.SizeBytes)..], SlotsAt + (i * Luks1KeySlot.SizeBytes));
        }

        return slots;
    }

    private static void CheckName(ReadOnlySpan<byte> bytes, int at, string expected)
    {
        var name = Encoding.ASCII.GetString(bytes.Slice(at, NameBytes)).TrimEnd('\0');
        if (name != expected)
        {
            throw new CorruptFormatException("LUKS1 header", at, $"it names '{name}', only '{expected}' is read here")
            {
                IsUnsupportedVersion = true,
            };
        }
    }

    private static Luks1Header Check(Luks1Header header, int keyBytes)
    {
        if (keyBytes != AesXts.KeyBytes)
        {
            throw Corrupt(PayloadAt + sizeof(int), $"the key has {keyBytes} bytes, not {AesXts.KeyBytes}");
        }

        if (header.DigestIterations is 0 or > MostIterations)
        {
            throw Corrupt(DigestAt, $"the key digest takes {header.DigestIterations} iterations");
        }

        foreach (var slot in header.KeySlots.Where(slot => slot.IsActive))
        {
            if (slot.Iterations is 0 or > MostIterations || slot.Stripes != Stripes || slot.MaterialSector < 2
                || slot.MaterialSector > header.PayloadSector - (MaterialBytes / SectorBytes))
            {
                throw Corrupt(SlotsAt, $"a key slot has {slot.Iterations} iterations and {slot.Stripes} stripes "
                    + $"at sector {slot.MaterialSector} before the payload at {header.PayloadSector}");
            }
        }

        return header;
    }
}
