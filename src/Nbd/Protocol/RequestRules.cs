using System.Runtime.CompilerServices;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Decides, before the export sees it, whether a request is allowed and with which error it is refused.
/// </summary>
internal sealed class RequestRules
{
    private const NbdCommandFlags NoFlags = NbdCommandFlags.None;

    private readonly ulong _size;
    private readonly uint _alignmentMask;
    private readonly uint _maxPayload;
    private readonly bool _structured;
    private readonly bool _blockStatus;
    private readonly NbdExportInfo _info;
    private readonly NbdCommandFlags _fua;

    public RequestRules(NbdExportInfo info, bool structuredReplies, bool blockStatus)
    {
        _info = info;
        _size = (ulong)info.SizeBytes;
        _alignmentMask = info.BlockSizes.Minimum - 1;
        _maxPayload = info.BlockSizes.MaximumPayload;
        _structured = structuredReplies;
        _blockStatus = blockStatus;
        // Once advertised, FUA must be accepted on every command (proto.md, "Command flags").
        _fua = info.CanFua ? NbdCommandFlags.Fua : NoFlags;
    }

    /// <summary>Checks a request; a READ is decided on the first lines.</summary>
    /// <returns><see cref="NbdError.None"/>, or the error and a message for the client.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (NbdError Error, string Message) Check(in RequestHeader request)
    {
        if (request.Command == NbdCommand.Read && request.Flags == NoFlags
            && request.Length - 1 < _maxPayload && Fits(request.Offset, request.Length)
            && (((uint)request.Offset | request.Length) & _alignmentMask) == 0)
        {
            return (NbdError.None, "");
        }

        return CheckAll(request);
    }

    private (NbdError Error, string Message) CheckAll(in RequestHeader request) => request.Command switch
    {
        NbdCommand.Read => CheckRead(request),
        NbdCommand.Write => CheckWrite(request, NoFlags, true),
        NbdCommand.Trim => CheckWrite(request, NoFlags, _info.CanTrim),
        NbdCommand.WriteZeroes => CheckWriteZeroes(request),
        NbdCommand.Flush => CheckFlush(request),
        NbdCommand.Cache => CheckRange(request, NoFlags),
        NbdCommand.BlockStatus => CheckBlockStatus(request),
        _ => (NbdError.InvalidArgument, $"Unknown command {(ushort)request.Command}."),
    };

    private (NbdError, string) CheckRead(in RequestHeader request)
    {
        if (request.Length > _maxPayload)
        {
            // EOVERFLOW is defined for structured replies only; without them a client is told EINVAL.
            var error = _structured ? NbdError.Overflow : NbdError.InvalidArgument;
            return (error, $"Read of {request.Length} bytes; the maximum is {_maxPayload}.");
        }

        return CheckRange(request, _structured ? NbdCommandFlags.Df : NoFlags);
    }

    private (NbdError, string) CheckWrite(in RequestHeader request, NbdCommandFlags allowed, bool supported)
    {
        if (_info.IsReadOnly)
        {
            return (NbdError.NotPermitted, $"Export '{_info.Name}' is read-only.");
        }

        if (!supported)
        {
            return (NbdError.InvalidArgument, $"{request.Command} was not advertised.");
        }

        if (request.Command == NbdCommand.Write && request.Length > _maxPayload)
        {
            return (NbdError.InvalidArgument, $"Write of {request.Length} bytes; the maximum is {_maxPayload}.");
        }

        var (error, message) = CheckRange(request, allowed);
        var pastEnd = error == NbdError.InvalidArgument && !Fits(request.Offset, request.Length);
        return pastEnd && request.Command != NbdCommand.Trim && !HasUnknownFlags(request, allowed)
            ? (NbdError.NoSpace, message)
            : (error, message);
    }

    private (NbdError, string) CheckWriteZeroes(in RequestHeader request)
    {
        var fast = _info.CanFastZero ? NbdCommandFlags.FastZero : NoFlags;
        return CheckWrite(request, NbdCommandFlags.NoHole | fast, _info.CanWriteZeroes);
    }

    private (NbdError, string) CheckFlush(in RequestHeader request)
    {
        if (!_info.CanFlush)
        {
            return (NbdError.InvalidArgument, "Flush was not advertised.");
        }

        if (HasUnknownFlags(request, NoFlags))
        {
            return UnknownFlags(request);
        }

        return request.Offset != 0 || request.Length != 0
            ? (NbdError.InvalidArgument, "Offset and length of a flush must be zero.")
            : (NbdError.None, "");
    }

    private (NbdError, string) CheckBlockStatus(in RequestHeader request) => _blockStatus
        ? CheckRange(request, NbdCommandFlags.RequestOne)
        : (NbdError.InvalidArgument, "No metadata context was selected for this export.");

    private (NbdError, string) CheckRange(in RequestHeader request, NbdCommandFlags allowed)
    {
        if (HasUnknownFlags(request, allowed))
        {
            return UnknownFlags(request);
        }

        if (request.Length == 0)
        {
            return (NbdError.InvalidArgument, $"{request.Command} of zero bytes.");
        }

        if (!Fits(request.Offset, request.Length))
        {
            return (NbdError.InvalidArgument,
                $"{request.Command} of {request.Length} bytes at {request.Offset} ends past the size of {_size}.");
        }

        return ((request.Offset | request.Length) & _alignmentMask) != 0
            ? (NbdError.InvalidArgument,
                $"{request.Command} of {request.Length} bytes at {request.Offset} is not aligned to "
                + $"{_alignmentMask + 1}.")
            : (NbdError.None, "");
    }

    private bool HasUnknownFlags(in RequestHeader request, NbdCommandFlags allowed) =>
        (request.Flags & ~(allowed | _fua)) != 0;

    private static (NbdError, string) UnknownFlags(in RequestHeader request) =>
        (NbdError.InvalidArgument, $"Flags 0x{(ushort)request.Flags:x} are not allowed for {request.Command}.");

    // Written so that neither side can overflow.
    private bool Fits(ulong offset, uint length) => length <= _size && offset <= _size - length;
}
