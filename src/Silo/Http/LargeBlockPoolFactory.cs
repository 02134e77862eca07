using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace SnapshotGrains.Silo.Http;

/// <summary>Gives the web server its memory.</summary>
internal sealed class LargeBlockPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlockPool();
}
