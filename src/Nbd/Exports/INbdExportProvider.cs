namespace SnapshotGrains.Nbd;

/// <summary>Finds exports by name. One instance serves all connections of a server and must be thread safe.</summary>
public interface INbdExportProvider
{
    /// <summary>Names what NBD_OPT_LIST shows.</summary>
    /// <param name="ct">Cancelled at the handshake deadline and when the connection ends.</param>
    ValueTask<IReadOnlyList<NbdExportSummary>> ListAsync(CancellationToken ct);

    /// <summary>
    /// Opens an export for one connection (NBD_OPT_GO, NBD_OPT_EXPORT_NAME).
    /// </summary>
    /// <param name="name">As the client sent it; the empty string means the default export.</param>
    /// <param name="ct">Cancelled at the handshake deadline and when the connection ends.</param>
    /// <returns>The export, which the server disposes, or null when there is none (NBD_REP_ERR_UNKNOWN).</returns>
    /// <exception cref="NbdException">
    /// <see cref="NbdError.NotPermitted"/> is answered with NBD_REP_ERR_POLICY, <see cref="NbdError.Shutdown"/> with
    /// NBD_REP_ERR_SHUTDOWN, any other with NBD_REP_ERR_UNKNOWN; the message reaches the client.
    /// </exception>
    ValueTask<INbdExport?> OpenAsync(string name, CancellationToken ct);

    /// <summary>
    /// Opens an export only to tell what it is (NBD_OPT_INFO): no request will come. For exports that are attached with
    /// consequences; the default opens it as for use.
    /// </summary>
    /// <param name="name">As in <see cref="OpenAsync"/>.</param>
    /// <param name="ct">Likewise.</param>
    /// <returns>An export whose <see cref="INbdExport.Info"/> is right; the server disposes it.</returns>
    ValueTask<INbdExport?> DescribeAsync(string name, CancellationToken ct) => OpenAsync(name, ct);
}
