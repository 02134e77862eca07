using System.Collections.Concurrent;
using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Grains.Tests;

/// <summary>
/// The home of one disk that is never flushed: each time it ends its connections, it has forgotten what was written.
/// It notes all writes, and can refuse them.
/// </summary>
internal sealed class FakeHome : IHomeFinder, INbdExportProvider, IAsyncDisposable
{
    public const int SizeBytes = 1 << 20;

    private readonly NbdServer _server;
    private readonly ConcurrentQueue<byte> _writes = new();
    private byte[] _content = new byte[SizeBytes];
    private CancellationTokenSource _connections = new();

    public FakeHome()
    {
        _server = new NbdServer(this, new NbdServerOptions { Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        _server.Start();
    }

    /// <summary>The first byte of each write since it last forgot, also of those that it refused.</summary>
    public IReadOnlyCollection<byte> Writes => _writes;

    /// <summary>How often it was connected to.</summary>
    public int Connections { get; private set; }

    /// <summary>What it keeps now.</summary>
    public byte[] Content => _content;

    /// <summary>Asked before each write; what it gives is what the write fails with.</summary>
    public Func<NbdError> Refusal { get; set; } = static () => NbdError.None;

    public Task<NbdClient> ConnectAsync(DiskExportName name, CancellationToken cancellationToken)
    {
        Connections++;
        return NbdClient.ConnectAsync(NbdUri.For(_server.Endpoints[0], name.ToString()), ct: cancellationToken);
    }

    /// <summary>Ends all connections; nothing that was written is left.</summary>
    public void Die()
    {
        var connections = Interlocked.Exchange(ref _connections, new CancellationTokenSource());
        _writes.Clear();
        _content = new byte[SizeBytes];
        connections.Cancel();
    }

    public ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct) => new([]);

    public ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct) =>
        new(new Export(this, name, _connections.Token));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _connections.Dispose();
    }

    private sealed class Export(FakeHome home, string name, CancellationToken withdrawn) : INbdExport
    {
        public NbdExportInfo Info { get; } = new()
        {
            Name = name, SizeBytes = SizeBytes, IsReadOnly = false, CanFua = true,
        };

        public CancellationToken Withdrawn => withdrawn;

        public ValueTask ReadAsync(NbdRead read, CancellationToken ct)
        {
            read.Add(home._content.AsMemory((int)read.Offset, read.Length));
            return ValueTask.CompletedTask;
        }

        public ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> data, bool fua, CancellationToken ct)
        {
            home._writes.Enqueue(data.Span[0]);
            if (home.Refusal() is not NbdError.None and var error)
            {
                throw new NbdException(error, "refused");
            }

            data.CopyTo(home._content.AsMemory((int)offset));
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
