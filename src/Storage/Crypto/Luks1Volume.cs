using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// A LUKS1 volume (on-disk format 1.2.3) that cryptsetup, QEMU and nbdkit open: aes-xts-plain64 with a 64-byte key.
/// A file is <see cref="WriteHeader"/>'s bytes, then at <see cref="PayloadOffset"/> the content under
/// <see cref="Cipher"/>, its sectors numbered from 0 at the start of the payload.
/// </summary>
public sealed class Luks1Volume : IDisposable
{
    /// <summary>The fewest rounds of PBKDF2 that a new passphrase gets.</summary>
    public const int LeastIterations = 100_000;

    private const int PayloadSector = 4096;
    private readonly Luks1Header _header;
    private readonly byte[]? _material;

    private Luks1Volume(Luks1Header header, SecretBytes masterKey, byte[]? material)
    {
        (_header, _material) = (header, material);
        Cipher = new AesXts(masterKey.Span, Luks1Header.SectorBytes);
    }

    /// <summary>Encrypts and decrypts the payload, in sectors of 512 bytes.</summary>
    public AesXts Cipher { get; }

    /// <summary>Bytes before the payload.</summary>
    public long PayloadOffset => (long)_header.PayloadSector * Luks1Header.SectorBytes;

    /// <summary>Names the volume to other tools.</summary>
    public string Uuid => _header.Uuid;

    /// <summary>Makes a volume with a random master key that one passphrase, in slot 0, opens.</summary>
    /// <param name="passphrase">As other tools are given it; no newline is cut off.</param>
    /// <param name="iterations">Rounds of PBKDF2-SHA256, <see cref="LeastIterations"/> or more.</param>
    /// <exception cref="ArgumentException">The passphrase is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are too few iterations, or far too many.</exception>
    public static Luks1Volume Create(ReadOnlySpan<byte> passphrase, int iterations = 600_000)
    {
        CheckPassphrase(passphrase);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, LeastIterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, Luks1Header.MostIterations);
        using var masterKey = SecretBytes.Random(AesXts.KeyBytes);
        var slots = Enumerable.Range(0, Luks1Header.Slots).Select(slot => NewSlot(slot, iterations)).ToArray();
        var salt = RandomNumberGenerator.GetBytes(Luks1KeySlot.SaltBytes);
        var digest = new byte[Luks1Header.DigestBytes];

        // The master key is random: what slows guessing of passphrases has nothing to slow here.
        var digestIterations = LeastIterations;
        Luks1Header.DigestOf(masterKey.Span, salt, digestIterations, digest);
        var uuid = Guid.NewGuid().ToString();
        var header = new Luks1Header(PayloadSector, digest, salt, digestIterations, uuid, slots);
        return new(header, masterKey, Seal(slots[0], passphrase, masterKey));
    }

    /// <summary>Opens a volume from its header area, read from the start of <paramref name="header"/>.</summary>
    /// <exception cref="CorruptFormatException">There is no LUKS1 header, or not one of this cipher.</exception>
    /// <exception cref="Luks1PassphraseException">The passphrase opens no slot.</exception>
    /// <exception cref="ArgumentException">The passphrase is empty.</exception>
    public static Luks1Volume Open(Stream header, ReadOnlySpan<byte> passphrase)
    {
        CheckPassphrase(passphrase);
        var bytes = new byte[Luks1Header.SizeBytes];
        Fill(header, 0, bytes);
        var read = Luks1Header.Read(bytes);
        using var masterKey = new SecretBytes(AesXts.KeyBytes);
        foreach (var slot in read.KeySlots.Where(slot => slot.IsActive))
        {
            var material = new byte[Luks1Header.MaterialBytes];
            Fill(header, (long)slot.MaterialSector * Luks1Header.SectorBytes, material);
            Unseal(slot, passphrase, material, masterKey);
            if (read.IsKey(masterKey.Span))
            {
                return new(read, masterKey, null);
            }
        }

        throw new Luks1PassphraseException(read.Uuid);
    }

    /// <summary>Writes the header area, <see cref="PayloadOffset"/> bytes, of a volume that was created here.</summary>
    /// <exception cref="InvalidOperationException">The volume was opened: it has its header area already.</exception>
    public void WriteHeader(Stream destination)
    {
        if (_material is null)
        {
            throw new InvalidOperationException($"LUKS volume {Uuid} was opened, not created; copy its header area.");
        }

        var area = new byte[PayloadOffset];
        _header.Write(area);
        _material.CopyTo(area, _header.KeySlots[0].MaterialSector * Luks1Header.SectorBytes);
        destination.Write(area);
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => Cipher.Dispose();

    private static Luks1KeySlot NewSlot(int slot, int iterations) => slot == 0
        ? new(true, iterations, RandomNumberGenerator.GetBytes(Luks1KeySlot.SaltBytes),
            Luks1Header.MaterialSectorOf(slot), Luks1Header.Stripes)
        : new(false, 0, new byte[Luks1KeySlot.SaltBytes], Luks1Header.MaterialSectorOf(slot), Luks1Header.Stripes);

    private static byte[] Seal(Luks1KeySlot slot, ReadOnlySpan<byte> passphrase, SecretBytes masterKey)
    {
        using var stripes = new SecretBytes(Luks1Header.MaterialBytes);
        AntiForensic.Split(masterKey.Span, stripes.Span);
        using var cipher = SlotCipher(slot, passphrase);
        var material = new byte[Luks1Header.MaterialBytes];
        cipher.Encrypt(stripes.Span, material, 0);
        return material;
    }

    private static void Unseal(Luks1KeySlot slot, ReadOnlySpan<byte> passphrase, byte[] material, SecretBytes masterKey)
    {
        using var stripes = new SecretBytes(Luks1Header.MaterialBytes);
        using var cipher = SlotCipher(slot, passphrase);
        cipher.Decrypt(material, stripes.Span, 0);
        AntiForensic.Merge(stripes.Span, masterKey.Span);
    }

    private static AesXts SlotCipher(Luks1KeySlot slot, ReadOnlySpan<byte> passphrase)
    {
        using var key = new SecretBytes(AesXts.KeyBytes);
        Rfc2898DeriveBytes.Pbkdf2(passphrase, slot.Salt, key.Span, slot.Iterations, HashAlgorithmName.SHA256);
        return new(key.Span, Luks1Header.SectorBytes);
    }

    private static void Fill(Stream stream, long offset, byte[] bytes)
    {
        stream.Position = offset;
        var got = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (got != bytes.Length)
        {
            throw Luks1Header.Corrupt(offset + got, $"it ends here, {bytes.Length - got} bytes early");
        }
    }

    private static void CheckPassphrase(ReadOnlySpan<byte> passphrase)
    {
        if (passphrase.IsEmpty)
        {
            throw new ArgumentException("Give a passphrase that is not empty.", nameof(passphrase));
        }
    }
}
