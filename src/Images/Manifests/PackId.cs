using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace SnapshotGrains.Images;

/// <summary>Names a pack: 128 random bits, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct PackId
{
    /// <summary>Length in bytes.</summary>
    public const int SizeBytes = 16;

    private readonly UInt128 _value;

    private PackId(ReadOnlySpan<byte> bytes) =>
        _value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);

    /// <summary>A name that nobody has used.</summary>
    public static PackId Create()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        RandomNumberGenerator.Fill(bytes);
        return new PackId(bytes);
    }

    /// <summary>Takes over 16 bytes.</summary>
    /// <exception cref="ArgumentException">Not 16 bytes.</exception>
    public static PackId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == SizeBytes
        ? new PackId(bytes)
        : throw new ArgumentException($"A pack id is {SizeBytes} bytes, not {bytes.Length}.", nameof(bytes));

    /// <summary>Reads 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is no pack id.</exception>
    public static PackId Parse([NotNull] string? text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not a pack id: give {SizeBytes * 2} hexadecimal digits.");

    /// <summary>Reads 32 hexadecimal digits; false when the text is anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PackId id)
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        var valid = text?.Length == SizeBytes * 2
            && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        id = valid ? new PackId(bytes) : default;
        return valid;
    }

    /// <summary>Writes the 16 bytes.</summary>
    public void CopyTo(Span<byte> destination) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(destination, _value);

    /// <summary>The 32 hexadecimal digits.</summary>
    public override string ToString() => _value.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);
}
