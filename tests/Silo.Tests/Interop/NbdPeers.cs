using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>Plain NBD connections to a silo under test.</summary>
internal static class NbdPeers
{
    /// <summary>Connects to <paramref name="export"/> through the Unix socket.</summary>
    public static Task<NbdClient> ConnectAsync(this TestSilo silo, string export) =>
        NbdClient.ConnectAsync(NbdUri.Parse(silo.UnixUri(export)));

    /// <summary>Connects several times.</summary>
    public static async Task<NbdClient[]> ConnectAsync(this TestSilo silo, string export, int connections)
    {
        var clients = new NbdClient[connections];
        for (var i = 0; i < connections; i++)
        {
            clients[i] = await silo.ConnectAsync(export);
        }

        return clients;
    }

    /// <summary>Closes all.</summary>
    public static async Task CloseAsync(this NbdClient[] clients)
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>Reads a range.</summary>
    public static async Task<byte[]> ReadAsync(this NbdClient client, long offset, int length)
    {
        var bytes = new byte[length];
        await client.ReadAsync(offset, bytes);
        return bytes;
    }

    /// <summary>The error that a request ends with; <see cref="NbdError.None"/> when it succeeds.</summary>
    public static async Task<NbdError> ErrorOfAsync(this Task request)
    {
        try
        {
            await request;
            return NbdError.None;
        }
        catch (NbdException error)
        {
            return error.Error;
        }
    }
}
