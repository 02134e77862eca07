using System.Security.Cryptography;

namespace SnapshotGrains.Storage;

/// <summary>
/// Key bytes outside the heap, where no collection copies them: locked in memory and kept out of core dumps as far as
/// the system allows, zeroed when disposed or forgotten.
/// </summary>
public sealed unsafe class SecretBytes : IDisposable
{
    /// <summary>The most bytes one secret holds; larger data is no key.</summary>
    public const int MaxLength = 1 << 20;

    private readonly SecretMemory _memory;

    /// <summary>Creates a secret of <paramref name="length"/> zero bytes, to be filled through <see cref="Span"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is not 1 to <see cref="MaxLength"/>.</exception>
    public SecretBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        Length = length;
        _memory = new SecretMemory(length);
    }

    /// <summary>Length in bytes.</summary>
    public int Length { get; }

    /// <summary>
    /// The bytes. The owner must hold the secret (as <c>using</c> does) as long as the span is in use.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The secret is disposed.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
            return new((byte*)_memory.DangerousGetHandle(), Length);
        }
    }

    /// <summary>A new secret from the system's random number generator.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is not 1 to <see cref="MaxLength"/>.</exception>
    public static SecretBytes Random(int length)
    {
        var secret = new SecretBytes(length);
        RandomNumberGenerator.Fill(secret.Span);
        return secret;
    }

    /// <summary>A secret with a copy of <paramref name="bytes"/>, which the caller should wipe.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none, or more than <see cref="MaxLength"/>.</exception>
    public static SecretBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var secret = new SecretBytes(bytes.Length);
        bytes.CopyTo(secret.Span);
        return secret;
    }

    /// <summary>Says how long it is, never what it is.</summary>
    public override string ToString() => $"{nameof(SecretBytes)}[{Length}]";

    /// <summary>Zeroes and frees the bytes, after a cipher that is using them has ended its call.</summary>
    public void Dispose() => _memory.Dispose();

    internal SecretUse Use() => new(_memory, Length);
}
