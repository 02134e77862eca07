using Microsoft.Win32.SafeHandles;

namespace SnapshotGrains.Storage;

/// <summary>Reads of files at positions, without a shared cursor.</summary>
public static class FileRead
{
    /// <summary>Fills the destination, or as much of it as the file has.</summary>
    /// <returns>Bytes read.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static int Fill(SafeFileHandle file, long offset, Span<byte> destination)
    {
        var filled = 0;
        while (filled < destination.Length)
        {
            var got = RandomAccess.Read(file, destination[filled..], offset + filled);
            if (got == 0)
            {
                break;
            }

            filled += got;
        }

        return filled;
    }
}
