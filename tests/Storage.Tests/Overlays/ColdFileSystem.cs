namespace SnapshotGrains.Storage.Tests;

/// <summary>Files whose bytes are, on demand, not in the system's memory.</summary>
internal sealed class ColdFileSystem(IBlockFileSystem inner) : IBlockFileSystem
{
    public bool IsCold { get; set; }

    public IBlockFile? TryOpen(string path) => inner.TryOpen(path) is { } file ? new ColdFile(this, file) : null;

    public IBlockFile Create(string path) => new ColdFile(this, inner.Create(path));

    public void Replace(string source, string destination) => inner.Replace(source, destination);

    public void Delete(string path) => inner.Delete(path);

    public void FlushDirectory(string directory) => inner.FlushDirectory(directory);

    private sealed class ColdFile(ColdFileSystem system, IBlockFile file) : IBlockFile
    {
        public long LengthBytes => file.LengthBytes;

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        public bool TryRead(long offset, Span<byte> destination, out int bytes)
        {
            bytes = 0;
            return !system.IsCold && file.TryRead(offset, destination, out bytes);
        }

        public void Write(long offset, ReadOnlySpan<byte> source) => file.Write(offset, source);

        public void PunchHole(long offset, long length) => file.PunchHole(offset, length);

        public void Flush() => file.Flush();

        public void Dispose() => file.Dispose();
    }
}
