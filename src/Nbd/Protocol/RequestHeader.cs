namespace SnapshotGrains.Nbd;

/// <summary>A request as it came; nothing in it was checked but the magic number.</summary>
/// <param name="Flags">Command flags.</param>
/// <param name="Command">Request type.</param>
/// <param name="Cookie">The client's handle in wire order: it is copied to the reply, never looked at.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct RequestHeader(
    NbdCommandFlags Flags, NbdCommand Command, ulong Cookie, ulong Offset, uint Length)
{
    public const int Bytes = 28;
}
