using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Exports;

/// <summary>Our errors in the words of the NBD protocol.</summary>
internal static class NbdErrors
{
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
}
