using System.Buffers.Binary;
using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>How a client gets to its export.</summary>
public sealed partial class NbdClient
{
    /// <summary>Connects and enters the export that the URI names.</summary>
    /// <param name="uri">See <see cref="NbdUri"/>.</param>
    /// <param name="options">Settings; null: the defaults.</param>
    /// <param name="ct">Cancels the attempt.</param>
    /// <exception cref="NbdException">No connection, or the server refused.</exception>
    /// <exception cref="TimeoutException">The handshake took longer than ConnectTimeout.</exception>
    public static Task<NbdClient> ConnectAsync(
        NbdUri uri, NbdClientOptions? options = null, CancellationToken ct = default)
    {
        options ??= new NbdClientOptions();
        return NegotiateAsync(uri, options, c => GoAsync(c.Connection, uri, options, c.Ct), ct);
    }

    /// <summary>Asks a server for its exports; the URI's export name is not looked at.</summary>
    /// <exception cref="NbdException">No connection, or the server refused.</exception>
    /// <exception cref="TimeoutException">The handshake took longer than ConnectTimeout.</exception>
    public static Task<IReadOnlyList<NbdExportSummary>> ListAsync(
        NbdUri uri, NbdClientOptions? options = null, CancellationToken ct = default) =>
        NegotiateAsync(uri, options ?? new NbdClientOptions(), c => ListAndAbortAsync(c.Connection, c.Ct), ct);

    private static async Task<T> NegotiateAsync<T>(
        NbdUri uri, NbdClientOptions options, Func<(ClientConnection Connection, CancellationToken Ct), Task<T>> talk,
        CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        ClientConnection? connection = null;
        try
        {
            connection = await ClientConnection.OpenAsync(uri, options, both.Token).ConfigureAwait(false);
            return await talk((connection, both.Token)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            throw e is OperationCanceledException && !ct.IsCancellationRequested
                ? new TimeoutException($"The handshake with {uri} took longer than {options.ConnectTimeout}.", e)
                : e is EndOfStreamException ? new NbdException(NbdError.Io, $"{uri} closed the connection.", e) : e;
        }
    }

    private static async Task<NbdClient> GoAsync(
        ClientConnection connection, NbdUri uri, NbdClientOptions options, CancellationToken ct)
    {
        var structured = options.StructuredReplies
            && await TryAskAsync(connection, NbdOption.StructuredReply, null, ct).ConfigureAwait(false) is not null;
        var contexts = structured && options.BlockStatus
            ? await TryAskAsync(connection, NbdOption.SetMetaContext, w => WriteContexts(w, uri.ExportName), ct)
                .ConfigureAwait(false)
            : null;
        var infos = await connection.AskAsync(NbdOption.Go, w => WriteGo(w, uri.ExportName), ct).ConfigureAwait(false);
        var info = ReadInfo(uri.ExportName, infos);
        var blockStatus = contexts is not null && contexts.Exists(c => c.Type == NbdOptionReply.MetaContext);
        return new NbdClient(connection, info, structured, blockStatus);
    }

    /// <summary>Sends an option that a server need not know.</summary>
    private static async Task<List<(NbdOptionReply Type, byte[] Data)>?> TryAskAsync(
        ClientConnection connection, NbdOption option, Action<ByteWriter>? data, CancellationToken ct)
    {
        try
        {
            return await connection.AskAsync(option, data, ct).ConfigureAwait(false);
        }
        catch (NbdException e) when (e.Error is NbdError.NotSupported or NbdError.InvalidArgument
            && e is not NbdProtocolException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<NbdExportSummary>> ListAndAbortAsync(
        ClientConnection connection, CancellationToken ct)
    {
        var replies = await connection.AskAsync(NbdOption.List, null, ct).ConfigureAwait(false);
        await connection.AskAsync(NbdOption.Abort, null, ct).ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
        return replies.ConvertAll(r => ReadSummary(r.Data));
    }

    private static NbdExportSummary ReadSummary(byte[] data)
    {
        var reader = new SpanReader(data);
        if (!reader.TryReadU32(out var length) || !reader.TryReadBytes(length, out var name))
        {
            throw new NbdProtocolException("An entry of the export list is malformed.");
        }

        reader.TryReadBytes((uint)reader.Length, out var description);
        return new NbdExportSummary(Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(description));
    }

    private static void WriteContexts(ByteWriter to, string name) =>
        to.U32((uint)Encoding.UTF8.GetByteCount(name)).Text(name)
            .U32(1).U32((uint)NbdMetaContexts.Allocation.Length).Text(NbdMetaContexts.Allocation);

    private static void WriteGo(ByteWriter to, string name) =>
        to.U32((uint)Encoding.UTF8.GetByteCount(name)).Text(name)
            .U16(3).U16((ushort)NbdInfoType.Name).U16((ushort)NbdInfoType.Description)
            .U16((ushort)NbdInfoType.BlockSize);

    private static NbdExportInfo ReadInfo(string name, List<(NbdOptionReply Type, byte[] Data)> replies)
    {
        NbdExportInfo? info = null;
        var (canonical, description, sizes) = (name, "", NbdBlockSizes.Default);
        foreach (var (_, data) in replies.Where(r => r.Type == NbdOptionReply.Info && r.Data.Length >= 2))
        {
            var rest = data.AsSpan(2);
            switch ((NbdInfoType)BinaryPrimitives.ReadUInt16BigEndian(data))
            {
                case NbdInfoType.Export when rest.Length == 10:
                    info = ReadExport(rest);
                    break;
                case NbdInfoType.Name:
                    canonical = Encoding.UTF8.GetString(rest);
                    break;
                case NbdInfoType.Description:
                    description = Encoding.UTF8.GetString(rest);
                    break;
                case NbdInfoType.BlockSize when rest.Length == 12:
                    sizes = new NbdBlockSizes(
                        BinaryPrimitives.ReadUInt32BigEndian(rest), BinaryPrimitives.ReadUInt32BigEndian(rest[4..]),
                        BinaryPrimitives.ReadUInt32BigEndian(rest[8..]));
                    break;
            }
        }

        return (info ?? throw new NbdProtocolException("The server did not tell the export's size."))
            with { Name = canonical, Description = description, BlockSizes = sizes };
    }

    private static NbdExportInfo ReadExport(ReadOnlySpan<byte> data)
    {
        var flags = (NbdTransmissionFlags)BinaryPrimitives.ReadUInt16BigEndian(data[8..]);
        bool Has(NbdTransmissionFlags flag) => (flags & flag) != 0;
        return new NbdExportInfo
        {
            Name = "",
            SizeBytes = BinaryPrimitives.ReadInt64BigEndian(data),
            IsReadOnly = Has(NbdTransmissionFlags.ReadOnly),
            CanFlush = Has(NbdTransmissionFlags.SendFlush),
            CanFua = Has(NbdTransmissionFlags.SendFua),
            CanTrim = Has(NbdTransmissionFlags.SendTrim),
            CanWriteZeroes = Has(NbdTransmissionFlags.SendWriteZeroes),
            CanFastZero = Has(NbdTransmissionFlags.SendFastZero),
            CanMultiConn = Has(NbdTransmissionFlags.CanMultiConn),
            CanCache = Has(NbdTransmissionFlags.SendCache),
        };
    }
}
