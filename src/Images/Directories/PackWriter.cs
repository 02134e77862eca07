using Microsoft.Win32.SafeHandles;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>Writes one pack under a temporary name, and gives it its own when it is whole and on the disk.</summary>
internal sealed class PackWriter(CenterLayout layout, Func<string, SafeFileHandle> createFile) : IDisposable
{
    private SafeFileHandle? _file;
    private bool _isCommitted;

    public PackId Id { get; } = PackId.Create();

    /// <summary>Bytes of segments written, alignment gaps left out.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>Length of the file.</summary>
    public long Length { get; private set; }

    /// <summary>Appends a segment at the next aligned offset, which is returned.</summary>
    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> segment, CancellationToken cancellationToken)
    {
        _file ??= createFile(layout.TemporaryPackFile(Id));
        const long Alignment = Manifest.AlignmentBytes;
        var offset = (Length + Alignment - 1) / Alignment * Alignment;
        await RandomAccess.WriteAsync(_file, segment, offset, cancellationToken).ConfigureAwait(false);
        Length = offset + segment.Length;
        StoredBytes += segment.Length;
        return offset;
    }

    /// <summary>Makes the pack durable under its name. Nothing happens if no segment was appended.</summary>
    public void Commit()
    {
        if (_file is null)
        {
            return;
        }

        RandomAccess.FlushToDisk(_file);
        Close();
        File.Move(layout.TemporaryPackFile(Id), layout.PackFile(Id));
        DirectoryFlush.Flush(layout.Packs);
        _isCommitted = true;
    }

    /// <summary>Takes a committed pack back, because no manifest will refer to it.</summary>
    public void Revoke()
    {
        if (_isCommitted)
        {
            File.Delete(layout.PackFile(Id));
        }
    }

    public void Dispose()
    {
        if (_file is not null)
        {
            Close();
            File.Delete(layout.TemporaryPackFile(Id));
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
