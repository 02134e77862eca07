using SnapshotGrains.Client;

namespace SnapshotGrains.Cli.Commands;

/// <summary>The keys of one run of a verb.</summary>
internal sealed class OpenKeys(Keks keks, HttpControlPlane server, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Opens keys by what the server says of them.</summary>
    public KeyRing Ring { get; } = new(keks, server.FindKeyAsync, time);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Ring.DisposeAsync();
        keks.Dispose();
    }
}
