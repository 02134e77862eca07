namespace SnapshotGrains.Nbd;

/// <summary>Types of option replies.</summary>
internal enum NbdOptionReply : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,
    ErrorBit = 1u << 31,
    ErrUnsupported = ErrorBit + 1,
    ErrPolicy = ErrorBit + 2,
    ErrInvalid = ErrorBit + 3,
    ErrPlatform = ErrorBit + 4,
    ErrTlsRequired = ErrorBit + 5,
    ErrUnknown = ErrorBit + 6,
    ErrShutdown = ErrorBit + 7,
    ErrBlockSizeRequired = ErrorBit + 8,
    ErrTooBig = ErrorBit + 9,
}
