namespace SnapshotGrains.Client;

/// <summary>
/// A run of a disk's bytes, lent to a reader without a copy; dispose the owner when done. A slice without an address
/// is all zero.
/// </summary>
/// <param name="Address">The first byte in memory that does not move; 0 for zeros.</param>
/// <param name="Length">The run's length, in bytes.</param>
/// <param name="Owner">Takes the bytes back; null where there is nothing to give back.</param>
public readonly record struct DiskSlice(nint Address, int Length, IDisposable? Owner)
{
    /// <summary>Whether the bytes are all zero and held nowhere.</summary>
    public bool IsZero => Address == 0;

    /// <summary>Zeros.</summary>
    public static DiskSlice Zeros(int length) => new(0, length, null);

    /// <summary>Copies the bytes out; <paramref name="destination"/> is at least <see cref="Length"/> long.</summary>
    public unsafe void CopyTo(Span<byte> destination)
    {
        if (IsZero)
        {
            destination[..Length].Clear();
        }
        else
        {
            new ReadOnlySpan<byte>((void*)Address, Length).CopyTo(destination);
        }
    }

    /// <summary>Gives the bytes back; they must not be touched afterwards.</summary>
    public void Release() => Owner?.Dispose();
}
