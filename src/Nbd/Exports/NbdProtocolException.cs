namespace SnapshotGrains.Nbd;

/// <summary>The peer broke a rule of the protocol after which the byte stream cannot be trusted.</summary>
public sealed class NbdProtocolException : NbdException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">Which rule, and what was found instead.</param>
    public NbdProtocolException(string message)
        : base(NbdError.InvalidArgument, message)
    {
    }
}
