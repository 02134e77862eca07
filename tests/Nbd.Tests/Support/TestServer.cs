using System.Collections.Concurrent;
using System.Net;

namespace SnapshotGrains.Nbd.Tests;

/// <summary>
/// A server on a free loopback port with the exports "rw" and "ro" on one disk of 64 MiB + 1 KiB: the first MiB is
/// random, the rest is a hole. It remembers what happened.
/// </summary>
internal sealed class TestServer : INbdServerEvents, IAsyncDisposable
{
    public const int DiskBytes = (64 * 1024 * 1024) + 1024;
    public const int DataBytes = 1024 * 1024;

    public TestServer(Func<NbdServerOptions, NbdServerOptions>? configure = null, INbdExportProvider? provider = null)
    {
        new Random(Seed).NextBytes(Data);
        Disk.Write(0, Data);
        Provider = new CountingProvider(provider ?? DefaultExports());
        var options = new NbdServerOptions { Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)], Events = this };
        Server = new NbdServer(Provider, configure?.Invoke(options) ?? options);
        Server.Start();
    }

    public static int Seed => 20261122;

    public byte[] Data { get; } = new byte[DataBytes];

    public MemoryDisk Disk { get; } = new(DiskBytes);

    public CountingProvider Provider { get; }

    public NbdServer Server { get; }

    public EndPoint Endpoint => Server.Endpoints[0];

    public ConcurrentQueue<(NbdCloseReason Reason, Exception? Error)> Closed { get; } = new();

    public ConcurrentQueue<NbdRequestFailure> Failures { get; } = new();

    public ConcurrentQueue<Exception> ProviderFailures { get; } = new();

    public NbdPeer Connect() => new(Endpoint);

    public NbdUri Uri(string export) => NbdUri.For(Endpoint, export);

    /// <summary>Shows that the server serves the next client.</summary>
    public void ShouldServeNextClient()
    {
        using var next = Connect();
        next.Enter("ro").ShouldStillServe();
    }

    /// <summary>Waits until so many connections have ended.</summary>
    public async Task<NbdCloseReason[]> CloseReasonsAsync(int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (Closed.Count < count)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return Closed.Select(c => c.Reason).ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Disk.Dispose();
    }

    void INbdServerEvents.ConnectionClosed(NbdConnectionInfo connection, NbdCloseReason reason, Exception? error) =>
        Closed.Enqueue((reason, error));

    void INbdServerEvents.RequestFailed(NbdConnectionInfo connection, NbdRequestFailure failure) =>
        Failures.Enqueue(failure);

    void INbdServerEvents.ProviderFailed(NbdConnectionInfo connection, string export, Exception error) =>
        ProviderFailures.Enqueue(error);

    private NbdExportTable DefaultExports() => new NbdExportTable()
        .Add("rw", () => new MemoryExport(Disk, "rw"), "read and write")
        .Add("ro", () => new MemoryExport(Disk, "ro", isReadOnly: true))
        .Add("", () => new MemoryExport(Disk, "rw"))
        .Add("denied", () => throw new NbdException(NbdError.NotPermitted, "not you"))
        .Add("broken", () => throw new InvalidOperationException("secret detail"));
}
