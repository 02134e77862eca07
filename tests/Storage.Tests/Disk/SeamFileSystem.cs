using System.Collections.Concurrent;

namespace SnapshotGrains.Storage.Tests.Disk;

/// <summary>Files whose reads and writes a test can fail, or hold up.</summary>
internal sealed class SeamFileSystem(IBlockFileSystem inner) : IBlockFileSystem
{
    public const int NoSpace = 28;
    public const int Failed = 5;

    private readonly ConcurrentDictionary<string, IBlockFile> _open = new();

    /// <summary>Fails writes with this errno; 0: none.</summary>
    public volatile int WriteError;

    /// <summary>Fails reads with this errno; 0: none.</summary>
    public volatile int ReadError;

    public Action<long> BeforeRead { get; set; } = _ => { };

    public Action<long> BeforeWrite { get; set; } = _ => { };

    public IBlockFile? TryOpen(string path) => inner.TryOpen(path) is { } file ? Wrap(path, file) : null;

    public IBlockFile Create(string path) => Wrap(path, inner.Create(path));

    /// <summary>What an open file has now.</summary>
    public byte[] BytesOf(string path)
    {
        var bytes = new byte[_open[path].LengthBytes];
        _open[path].Read(0, bytes);
        return bytes;
    }

    /// <summary>Changes a bit of an open file, as a disk would.</summary>
    public void Flip(string path, long at)
    {
        Span<byte> octet = stackalloc byte[1];
        _open[path].Read(at, octet);
        octet[0] ^= 0x10;
        _open[path].Write(at, octet);
    }

    public void Replace(string source, string destination) => inner.Replace(source, destination);

    public void Delete(string path) => inner.Delete(path);

    public void FlushDirectory(string directory) => inner.FlushDirectory(directory);

    private SeamFile Wrap(string path, IBlockFile file)
    {
        _open[path] = file;
        return new SeamFile(this, file);
    }

    private static void FailIf(int error)
    {
        if (error != 0)
        {
            throw new IOException("Injected error.", error);
        }
    }

    private sealed class SeamFile(SeamFileSystem seam, IBlockFile file) : IBlockFile
    {
        public long LengthBytes => file.LengthBytes;

        public int Read(long offset, Span<byte> destination)
        {
            seam.BeforeRead(offset);
            FailIf(seam.ReadError);
            return file.Read(offset, destination);
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            seam.BeforeWrite(offset);
            FailIf(seam.WriteError);
            file.Write(offset, source);
        }

        public void Reserve(long lengthBytes) => file.Reserve(lengthBytes);

        public void Forget(long offset, long length) => file.Forget(offset, length);

        public void PunchHole(long offset, long length) => file.PunchHole(offset, length);

        public void Flush() => file.Flush();

        public void Dispose() => file.Dispose();
    }
}
