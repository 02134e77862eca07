using System.Numerics;
using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// AES-256-XTS (IEEE 1619-2018, NIST SP 800-38E) over whole sectors. The tweak is the sector's number as a
/// little-endian 128-bit integer. Thread-safe; on processors with AES instructions a call allocates nothing.
/// </summary>
/// <remarks>
/// XTS hides content and has no integrity: an altered ciphertext decrypts to noise in 16-byte blocks, without an error.
/// </remarks>
public sealed unsafe class AesXts : IDisposable
{
    /// <summary>Bytes of key: 32 for the data, then 32 for the tweak.</summary>
    public const int KeyBytes = 64;

    private const int SmallestSectorBytes = 512;
    private const int LargestSectorBytes = 65536;
    private static readonly AesNiXts ByAesNi = new();
    private static readonly LibraryXts ByLibrary = new();

    private readonly IXtsPath _path;
    private readonly SecretBytes _prepared;

    /// <summary>Prepares a key; the caller may wipe its bytes at once.</summary>
    /// <param name="key"><see cref="KeyBytes"/> bytes whose halves differ (IEEE 1619-2018, 5.1).</param>
    /// <param name="sectorBytes">Bytes of a data unit, a power of two from 512 to 65,536.</param>
    /// <exception cref="ArgumentException">The key has another length or equal halves.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The sector size is none of these.</exception>
    public AesXts(ReadOnlySpan<byte> key, int sectorBytes = 4096)
        : this(key, sectorBytes, AesXtsPath.Best)
    {
    }

    internal AesXts(ReadOnlySpan<byte> key, int sectorBytes, AesXtsPath path)
    {
        CheckKey(key);
        if (!BitOperations.IsPow2(sectorBytes) || sectorBytes is < SmallestSectorBytes or > LargestSectorBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(sectorBytes), sectorBytes,
                $"Give a power of two from {SmallestSectorBytes} to {LargestSectorBytes}.");
        }

        SectorBytes = sectorBytes;
        _path = Choose(path);
        _prepared = new SecretBytes(_path.PreparedBytes);
        _path.Prepare(key, _prepared.Span);
    }

    /// <summary>Bytes of a sector.</summary>
    public int SectorBytes { get; }

    /// <summary>Encrypts whole sectors, in place too.</summary>
    /// <param name="plaintext">A multiple of <see cref="SectorBytes"/>.</param>
    /// <param name="ciphertext">As long; the same memory or apart from it.</param>
    /// <param name="firstSector">Number of the first sector, from 0.</param>
    /// <exception cref="ArgumentException">Lengths or overlap are not as said.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A sector number is negative or too large.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, long firstSector)
    {
        var run = Check(plaintext, ciphertext, firstSector);
        using var keys = _prepared.Use();
        fixed (byte* source = plaintext, destination = ciphertext)
        {
            _path.Encrypt(keys.Pointer, source, destination, run);
        }
    }

    /// <summary>Decrypts whole sectors, in place too.</summary>
    /// <param name="ciphertext">A multiple of <see cref="SectorBytes"/>.</param>
    /// <param name="plaintext">As long; the same memory or apart from it.</param>
    /// <param name="firstSector">Number of the first sector, from 0.</param>
    /// <exception cref="ArgumentException">Lengths or overlap are not as said.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A sector number is negative or too large.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void Decrypt(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext, long firstSector)
    {
        var run = Check(ciphertext, plaintext, firstSector);
        using var keys = _prepared.Use();
        fixed (byte* source = ciphertext, destination = plaintext)
        {
            _path.Decrypt(keys.Pointer, source, destination, run);
        }
    }

    /// <summary>
    /// Refuses later calls and zeroes the keys: at once, or when the last call that is under way ends.
    /// </summary>
    public void Dispose() => _prepared.Dispose();

    private static IXtsPath Choose(AesXtsPath path) => path switch
    {
        AesXtsPath.Best => AesNiXts.IsSupported ? ByAesNi : ByLibrary,
        AesXtsPath.AesNi when AesNiXts.IsSupported => ByAesNi,
        AesXtsPath.Library => ByLibrary,
        _ => throw new PlatformNotSupportedException($"This processor has no path {path}."),
    };

    private static void CheckKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"An AES-256-XTS key is {KeyBytes} bytes, not {key.Length}.", nameof(key));
        }

        // With equal halves a chosen ciphertext reveals the tweaks, and with them the point of XTS.
        if (CryptographicOperations.FixedTimeEquals(key[..(KeyBytes / 2)], key[(KeyBytes / 2)..]))
        {
            throw new ArgumentException("Data key and tweak key are equal; generate 64 random bytes.", nameof(key));
        }
    }

    private SectorRun Check(ReadOnlySpan<byte> source, Span<byte> destination, long firstSector)
    {
        if (source.Length != destination.Length || source.Length % SectorBytes != 0)
        {
            throw new ArgumentException($"Give equal multiples of {SectorBytes} bytes, "
                + $"not {source.Length} and {destination.Length}.");
        }

        if (source.Overlaps(destination, out var distance) && distance != 0)
        {
            throw new ArgumentException($"The buffers overlap {distance} bytes apart; give the same or separate ones.");
        }

        var count = source.Length / SectorBytes;
        ArgumentOutOfRangeException.ThrowIfNegative(firstSector);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstSector, long.MaxValue - count);
        return new(firstSector, count, SectorBytes);
    }
}
