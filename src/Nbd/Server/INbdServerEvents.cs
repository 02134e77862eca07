using System.Net;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Hears what a server does: the place for logs and metrics. Called on the server's threads; must be quick and must
/// not throw. None of it is on the path of a successful request.
/// </summary>
public interface INbdServerEvents
{
    /// <summary>The server listens on <paramref name="endpoint"/>.</summary>
    void Listening(EndPoint endpoint)
    {
    }

    /// <summary>Accepting failed once; the server goes on.</summary>
    void AcceptFailed(EndPoint endpoint, Exception error)
    {
    }

    /// <summary>A connection came in.</summary>
    void ConnectionOpened(NbdConnectionInfo connection)
    {
    }

    /// <summary>A connection was closed at once because there are MaxConnections already.</summary>
    void ConnectionRefused(NbdConnectionInfo connection, int maxConnections)
    {
    }

    /// <summary>A connection entered the transmission phase.</summary>
    void ExportEntered(NbdConnectionInfo connection, NbdExportInfo export)
    {
    }

    /// <summary>The provider failed to list or open; the client got an error reply.</summary>
    void ProviderFailed(NbdConnectionInfo connection, string export, Exception error)
    {
    }

    /// <summary>
    /// A request failed in the export. Requests that were refused because they break a rule are only counted.
    /// </summary>
    void RequestFailed(NbdConnectionInfo connection, NbdRequestFailure failure)
    {
    }

    /// <summary>A connection ended.</summary>
    void ConnectionClosed(NbdConnectionInfo connection, NbdCloseReason reason, Exception? error)
    {
    }
}
