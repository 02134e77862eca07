namespace SnapshotGrains.Nbd;

/// <summary>A request that an export failed.</summary>
/// <param name="Export">The export's name.</param>
/// <param name="Command">What was asked.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Error">The error that the client got.</param>
/// <param name="Exception">The cause.</param>
public sealed record NbdRequestFailure(
    string Export, NbdCommand Command, long Offset, long Length, NbdError Error, Exception Exception);
