namespace SnapshotGrains.Storage;

/// <summary>A store's files: where they are, how they are written and read.</summary>
/// <param name="directory">The store's directory.</param>
internal sealed class StoreFiles(string directory)
{
    private const int FanOutDigits = 2;
    private const string Suffix = ".segment";
    private const string TemporarySuffix = ".tmp";

    private long _temporaries;

    /// <summary>All files, the one written first in front; deletes what the last end left half written.</summary>
    public IEnumerable<(Digest Name, int LengthBytes)> List()
    {
        Directory.CreateDirectory(directory);
        foreach (var left in Directory.EnumerateFiles(directory, "*" + TemporarySuffix))
        {
            File.Delete(left);
        }

        return new DirectoryInfo(directory).EnumerateFiles("*" + Suffix, SearchOption.AllDirectories)
            .Where(file => file.FullName == TryPathOf(file) && IsLength(file.Length))
            .OrderBy(file => file.LastWriteTimeUtc)
            .Select(file => (NameOf(file), (int)(file.Length - StoreHeader.SizeBytes)));
    }

    /// <summary>Writes a segment under a temporary name.</summary>
    /// <returns>The temporary file, for <see cref="Commit"/> or <see cref="Discard"/>.</returns>
    /// <exception cref="IOException">No space, or the disk fails; nothing is left.</exception>
    public string Write(in Digest name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(directory, $"{Interlocked.Increment(ref _temporaries)}{TemporarySuffix}");
        try
        {
            Span<byte> header = stackalloc byte[StoreHeader.SizeBytes];
            new StoreHeader(name, bytes.Length, Digest.Compute(bytes)).Write(header);

            // Not flushed: what a power cut tears has another digest, and is made again.
            using var file = File.OpenHandle(
                path, FileMode.Create, FileAccess.Write, preallocationSize: header.Length + bytes.Length);
            RandomAccess.Write(file, header, 0);
            RandomAccess.Write(file, bytes, header.Length);
            return path;
        }
        catch
        {
            Discard(path);
            throw;
        }
    }

    /// <summary>Puts a written segment in its place.</summary>
    public void Commit(string temporary, in Digest name)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Deletes a temporary file.</summary>
    public static void Discard(string temporary) => File.Delete(temporary);

    /// <summary>Deletes a segment, if it is there.</summary>
    public void Delete(in Digest name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }
    }

    /// <summary>Reads a segment; false when its bytes are not those that were written.</summary>
    /// <exception cref="IOException">It is not there, or the disk fails.</exception>
    public async ValueTask<bool> ReadAsync(Digest name, Memory<byte> destination)
    {
        var header = new byte[StoreHeader.SizeBytes];
        using var file = File.OpenHandle(PathOf(name));

        // Not cancelled: the memory is the cache's again when this returns.
        IReadOnlyList<Memory<byte>> parts = [header, destination];
        var read = await RandomAccess.ReadAsync(file, parts, 0, CancellationToken.None).ConfigureAwait(false);
        return read == header.Length + destination.Length
            && RandomAccess.GetLength(file) == read
            && StoreHeader.Read(header) is { } found
            && found.Name == name && found.LengthBytes == destination.Length
            && found.Content == Digest.Compute(destination.Span);
    }

    private static bool IsLength(long fileBytes) =>
        fileBytes is > StoreHeader.SizeBytes and <= StoreHeader.SizeBytes + SegmentMap.MaxSegmentSizeBytes;

    private static Digest NameOf(FileInfo file) => Digest.Parse(Path.GetFileNameWithoutExtension(file.Name));

    private string? TryPathOf(FileInfo file) =>
        Digest.TryParse(Path.GetFileNameWithoutExtension(file.Name), out var name) ? PathOf(name) : null;

    private string PathOf(in Digest name)
    {
        var hex = name.ToString();
        return Path.Combine(
            directory, hex[..FanOutDigits], hex[FanOutDigits..(2 * FanOutDigits)], hex + Suffix);
    }
}
