namespace SnapshotGrains.Storage;

/// <content>Opening: whose directory it is, and what its file holds from before.</content>
public sealed partial class DiskCache
{
    private const string FileName = "segments";
    private const string LockName = "lock";
    private const int LoadBytes = 1 << 20;

    /// <summary>
    /// Opens a cache, and finds out what is in it by its table alone. A file of another limit or version is replaced.
    /// </summary>
    /// <exception cref="DiskCacheException">It cannot be used.</exception>
    public static DiskCache Open(DiskCacheOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.LimitBytes < DiskCacheOptions.MinLimitBytes)
        {
            throw new DiskCacheException(
                DiskCacheFault.LimitTooSmall,
                $"The disk cache in {options.Directory} is to have {options.LimitBytes} bytes, where one segment has "
                + $"no room; give it at least {ByteSize.Format(DiskCacheOptions.MinLimitBytes)}.");
        }

        IBlockFile? @lock = null;
        IBlockFile? file = null;
        try
        {
            var directory = Path.GetFullPath(options.Directory);
            CreateDirectory(directory);
            @lock = OpenOrCreate(options.Files, Path.Combine(directory, LockName));
            var layout = DiskCacheLayout.Within(options.LimitBytes);
            file = OpenFile(options.Files, Path.Combine(directory, FileName), layout);
            return new DiskCache(options, layout, @lock, file);
        }
        catch (Exception error) when (IsOfDevice(error))
        {
            file?.Dispose();
            @lock?.Dispose();
            throw Refusal(options, error);
        }
    }

    /// <summary>What is in the clear in the image center is in the clear here: for its owner alone.</summary>
    private static DirectoryInfo CreateDirectory(string path) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(path)
        : Directory.CreateDirectory(
            path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static IBlockFile OpenOrCreate(IBlockFileSystem files, string path) =>
        files.TryOpen(path) ?? files.Create(path);

    private static IBlockFile OpenFile(IBlockFileSystem files, string path, DiskCacheLayout layout)
    {
        var header = DiskCacheHeader.Write(layout);
        if (files.TryOpen(path) is { } old)
        {
            if (Fits(old, header, layout))
            {
                return old;
            }

            old.Dispose();
            files.Delete(path);
        }

        var file = files.Create(path);
        try
        {
            file.Reserve(layout.LengthBytes);
            file.Write(0, header);
            return file;
        }
        catch
        {
            file.Dispose();
            files.Delete(path);
            throw;
        }
    }

    private static bool Fits(IBlockFile file, byte[] header, DiskCacheLayout layout)
    {
        var found = new byte[header.Length];
        return file.LengthBytes == layout.LengthBytes && file.Read(0, found) == found.Length
            && found.AsSpan().SequenceEqual(header);
    }

    private static DiskCacheException Refusal(DiskCacheOptions options, Exception error) => error switch
    {
        BlockFileBusyException => new DiskCacheException(
            DiskCacheFault.InUse,
            $"The disk cache directory {options.Directory} is used by another process; stop that one or choose another "
            + "directory.", error),
        _ when DiskFull.Is(error) => new DiskCacheException(
            DiskCacheFault.NoRoom,
            $"The disk of {options.Directory} has no room for a disk cache of "
            + $"{ByteSize.Approximate(options.LimitBytes)}; make room or choose a smaller size.", error),
        _ => new DiskCacheException(
            DiskCacheFault.Unusable,
            $"The disk cache directory {options.Directory} cannot be used: {error.Message.TrimEnd('.')}; choose a "
            + "directory that this process can write.", error),
    };

    private void Load()
    {
        var unit = 0;
        var part = new byte[LoadBytes];
        DiskCacheSlot? last = null;
        for (var first = 0; first < _layout.Units; first += LoadBytes / DiskCacheEntry.SizeBytes)
        {
            var count = Math.Min(LoadBytes / DiskCacheEntry.SizeBytes, _layout.Units - first);
            _file.Read(_layout.EntryOffsetOf(first), part.AsSpan(0, count * DiskCacheEntry.SizeBytes));
            while (unit < first + count)
            {
                var bytes = part.AsSpan((unit - first) * DiskCacheEntry.SizeBytes, DiskCacheEntry.SizeBytes);
                var slot = DiskCacheEntry.Read(bytes) is { } entry ? TryAdd(entry, unit, ref last) : null;
                unit = slot?.End ?? unit + 1;
            }
        }

        if (last is not null)
        {
            _table.GoOnBehind(last);
        }
    }

    /// <summary>Null for an entry that cannot be: a power cut may have kept an old one beside a newer.</summary>
    private DiskCacheSlot? TryAdd(DiskCacheEntry entry, int unit, ref DiskCacheSlot? last)
    {
        var slot = new DiskCacheSlot(entry.Digest, entry.LengthBytes, unit, _layout.UnitsFor(entry.LengthBytes));
        if (slot.End > _layout.Units || _table.Find(entry.Digest) is not null)
        {
            return null;
        }

        _table.Add(slot);
        if (entry.Sequence >= _sequence)
        {
            _sequence = entry.Sequence + 1;
            last = slot;
        }

        return slot;
    }
}
