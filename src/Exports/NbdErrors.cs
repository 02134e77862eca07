using SnapshotGrains.Nbd;

namespace SnapshotGrains.Exports;

/// <summary>Our errors in the words of the NBD protocol.</summary>
internal static class NbdErrors
{
    /// <summary>What a request fails with.</summary>
    public static NbdException Translate(SnapshotGrainsException error) => new(
        error.Code switch
        {
            ErrorCode.NoSpace => NbdError.NoSpace,
            ErrorCode.BadRequest => NbdError.InvalidArgument,
            ErrorCode.InUse or ErrorCode.KeyUnavailable => NbdError.NotPermitted,
            ErrorCode.Fenced => NbdError.Shutdown,
            _ => NbdError.Io,
        },
        error.Message);

    /// <summary>What an attempt to attach fails with: there a shutdown is that of the server, which passes.</summary>
    public static NbdException TranslateRefusal(SnapshotGrainsException error) => error.Code == ErrorCode.Fenced
        ? new NbdException(NbdError.NotPermitted, error.Message) : Translate(error);
}
