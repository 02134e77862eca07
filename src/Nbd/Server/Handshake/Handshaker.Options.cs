namespace SnapshotGrains.Nbd;

/// <summary>One method for each option.</summary>
internal sealed partial class Handshaker
{
    private const int SendListAtBytes = 64 * 1024;

    private NegotiatedExport? ServeOption(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (option == NbdOption.ExportName)
        {
            return ServeExportName(data);
        }

        if (option == NbdOption.Abort)
        {
            throw Aborted();
        }

        if (_stopping)
        {
            return Error(option, NbdOptionReply.ErrShutdown, "The server is stopping.");
        }

        if (TlsMissing(option))
        {
            return Error(option, NbdOptionReply.ErrTlsRequired, "Start TLS first.");
        }

        return option switch
        {
            NbdOption.List => ServeList(data),
            NbdOption.StartTls => ServeStartTls(data),
            NbdOption.Info or NbdOption.Go => ServeInfo(option, data),
            NbdOption.StructuredReply => ServeStructuredReply(data),
            NbdOption.ListMetaContext or NbdOption.SetMetaContext => ServeMetaContext(option, data),
            _ => Error(option, NbdOptionReply.ErrUnsupported, $"Option {(uint)option} is not known here."),
        };
    }

    private NegotiatedExport? Error(NbdOption option, NbdOptionReply error, string message)
    {
        OptionReplyWriter.WriteError(_replies, option, error, message);
        return null;
    }

    private NegotiatedExport? Malformed(NbdOption option, ParseStatus status) => status == ParseStatus.TooBig
        ? Error(option, NbdOptionReply.ErrTooBig, $"Strings may have {NbdLimits.MaxStringBytes} bytes.")
        : Error(option, NbdOptionReply.ErrInvalid, $"The data of option {option} is malformed.");

    private HandshakeEndedException Aborted()
    {
        OptionReplyWriter.WriteAck(_replies, NbdOption.Abort);
        try
        {
            Send();
        }
        catch (IOException e)
        {
            // The client need not wait for the answer (proto.md, NBD_OPT_ABORT).
            return new HandshakeEndedException(NbdCloseReason.ClientDisconnected, "NBD_OPT_ABORT.", e);
        }

        return new HandshakeEndedException(NbdCloseReason.ClientDisconnected, "NBD_OPT_ABORT.");
    }

    private NegotiatedExport? ServeList(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            return Error(NbdOption.List, NbdOptionReply.ErrInvalid, "NBD_OPT_LIST has no data.");
        }

        IReadOnlyList<NbdExportSummary> exports;
        try
        {
            exports = _background.Wait(_provider.ListAsync(_ct), _ct);
        }
        catch (Exception e) when (!_ct.IsCancellationRequested)
        {
            return ProviderFailed(NbdOption.List, "", e);
        }

        foreach (var export in exports)
        {
            OptionReplyWriter.WriteServer(_replies, export);
            if (_replies.Length >= SendListAtBytes)
            {
                Send();
            }
        }

        OptionReplyWriter.WriteAck(_replies, NbdOption.List);
        return null;
    }

    private NegotiatedExport? ServeStartTls(ReadOnlySpan<byte> data)
    {
        if (_tlsMode == NbdTlsMode.Off)
        {
            return Error(NbdOption.StartTls, NbdOptionReply.ErrPolicy, "TLS is not offered here.");
        }

        if (_tls || !data.IsEmpty)
        {
            var why = _tls ? "TLS is on already." : "NBD_OPT_STARTTLS has no data.";
            return Error(NbdOption.StartTls, NbdOptionReply.ErrInvalid, why);
        }

        StartTls();
        return null;
    }

    private NegotiatedExport? ServeStructuredReply(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            return Error(NbdOption.StructuredReply, NbdOptionReply.ErrInvalid, "NBD_OPT_STRUCTURED_REPLY has no data.");
        }

        _structuredReplies = true;
        OptionReplyWriter.WriteAck(_replies, NbdOption.StructuredReply);
        return null;
    }

    private NegotiatedExport? ServeMetaContext(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (option == NbdOption.SetMetaContext)
        {
            // A new selection replaces the old one even when it fails.
            _metaContextExport = null;
        }

        if (!_structuredReplies)
        {
            return Error(option, NbdOptionReply.ErrInvalid, "Negotiate structured replies first.");
        }

        var status = OptionReader.TryReadMetaContext(data, out var request);
        if (status != ParseStatus.Ok)
        {
            return Malformed(option, status);
        }

        var listed = option == NbdOption.ListMetaContext && (request.QueryCount == 0 || request.NamesBaseWildcard);
        if (listed || request.NamesAllocation)
        {
            var isSet = option == NbdOption.SetMetaContext;
            _metaContextExport = isSet ? request.ExportName : _metaContextExport;
            var id = isSet ? NbdMetaContexts.AllocationId : 0;
            OptionReplyWriter.WriteMetaContext(_replies, option, id, NbdMetaContexts.Allocation);
        }

        OptionReplyWriter.WriteAck(_replies, option);
        return null;
    }
}
