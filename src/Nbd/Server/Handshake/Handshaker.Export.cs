namespace SnapshotGrains.Nbd;

/// <summary>The options that open an export: INFO, GO and EXPORT_NAME.</summary>
internal sealed partial class Handshaker
{
    private NegotiatedExport? ServeInfo(NbdOption option, ReadOnlySpan<byte> data)
    {
        var status = OptionReader.TryReadInfo(data, out var request);
        if (status != ParseStatus.Ok)
        {
            return Malformed(option, status);
        }

        INbdExport? export;
        try
        {
            export = Open(request.ExportName, isForUse: option == NbdOption.Go);
        }
        catch (Exception e) when (!_ct.IsCancellationRequested)
        {
            return ProviderFailed(option, request.ExportName, e);
        }

        if (export is null)
        {
            return Error(option, NbdOptionReply.ErrUnknown, $"There is no export '{request.ExportName}'.");
        }

        WriteInfo(option, request, export.Info);
        if (option == NbdOption.Go)
        {
            return Enter(export, request.ExportName);
        }

        _background.Dispose(export);
        return null;
    }

    private void WriteInfo(NbdOption option, InfoRequest request, NbdExportInfo info)
    {
        OptionReplyWriter.WriteInfoExport(_replies, option, info.SizeBytes, info.ToFlags(_structuredReplies));
        if (request.WantsName)
        {
            OptionReplyWriter.WriteInfoText(_replies, option, NbdInfoType.Name, info.Name);
        }

        if (request.WantsDescription && info.Description.Length > 0)
        {
            OptionReplyWriter.WriteInfoText(_replies, option, NbdInfoType.Description, info.Description);
        }

        // Constraints other than the defaults are sent to those who did not ask, too.
        if (request.WantsBlockSize || info.BlockSizes != NbdBlockSizes.Default)
        {
            OptionReplyWriter.WriteInfoBlockSize(_replies, option, info.BlockSizes);
        }

        OptionReplyWriter.WriteAck(_replies, option);
    }

    private NegotiatedExport ServeExportName(ReadOnlySpan<byte> data)
    {
        if (_stopping)
        {
            throw new HandshakeEndedException(NbdCloseReason.ServerStopping, "NBD_OPT_EXPORT_NAME while stopping.");
        }

        if (TlsMissing(NbdOption.ExportName))
        {
            throw new HandshakeEndedException(NbdCloseReason.ExportRefused, "NBD_OPT_EXPORT_NAME before TLS.");
        }

        if (OptionReader.TryReadExportName(data, out var name) != ParseStatus.Ok)
        {
            throw new NbdProtocolException("The name in NBD_OPT_EXPORT_NAME is malformed.");
        }

        var export = OpenOrEnd(name);
        var noZeroes = (_clientFlags & NbdHandshakeFlags.NoZeroes) != 0;
        OptionReplyWriter.WriteExportName(
            _replies, export.Info.SizeBytes, export.Info.ToFlags(_structuredReplies), noZeroes);
        return Enter(export, name);
    }

    private INbdExport OpenOrEnd(string name)
    {
        try
        {
            return Open(name, isForUse: true)
                ?? throw new HandshakeEndedException(NbdCloseReason.ExportRefused, $"There is no export '{name}'.");
        }
        catch (Exception e) when (e is not HandshakeEndedException && !_ct.IsCancellationRequested)
        {
            _options.Events?.ProviderFailed(_connection, name, e);
            throw new HandshakeEndedException(NbdCloseReason.ExportRefused, $"Opening '{name}' failed.", e);
        }
    }

    private NegotiatedExport Enter(INbdExport export, string name)
    {
        var blockStatus = _structuredReplies && string.Equals(_metaContextExport, name, StringComparison.Ordinal);
        return new NegotiatedExport(export, _structuredReplies, blockStatus);
    }

    private INbdExport? Open(string name, bool isForUse)
    {
        var call = isForUse ? _provider.OpenAsync(name, _ct) : _provider.DescribeAsync(name, _ct);
        var export = _background.WaitForExport(call, _ct);
        try
        {
            export?.Info.Validate();
            return export;
        }
        catch
        {
            _background.Dispose(export!);
            throw;
        }
    }

    private NegotiatedExport? ProviderFailed(NbdOption option, string name, Exception exception)
    {
        _options.Events?.ProviderFailed(_connection, name, exception);
        var known = exception as NbdException;
        var reply = known?.Error switch
        {
            NbdError.NotPermitted => NbdOptionReply.ErrPolicy,
            NbdError.Shutdown => NbdOptionReply.ErrShutdown,
            _ when option == NbdOption.List => NbdOptionReply.ErrPlatform,
            _ => NbdOptionReply.ErrUnknown,
        };
        return Error(option, reply, known?.Message ?? $"The server failed to serve {option}.");
    }
}
