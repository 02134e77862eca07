namespace SnapshotGrains.Nbd;

/// <summary>
/// An error with a value on the wire. Thrown by an export to fail a request, and by the client when the
/// server failed one.
/// </summary>
public class NbdException : IOException
{
    /// <summary>Creates an error.</summary>
    /// <param name="error">The value sent; not <see cref="NbdError.None"/>.</param>
    /// <param name="message">Sent along when structured replies are negotiated.</param>
    /// <param name="inner">The cause, if any; never sent.</param>
    public NbdException(NbdError error, string message, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
    }

    /// <summary>The value on the wire.</summary>
    public NbdError Error { get; }

    /// <summary>True when the same request may succeed later: EIO, ENOMEM and ESHUTDOWN.</summary>
    public bool IsTransient => Error is NbdError.Io or NbdError.NoMemory or NbdError.Shutdown;

    internal static NbdException ReadOnly(string export) =>
        new(NbdError.NotPermitted, $"Export '{export}' is read-only.");
}
