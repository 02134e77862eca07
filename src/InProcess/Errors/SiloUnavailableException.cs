namespace Orleans.Runtime;

/// <summary>The called silo died or stopped; whether the call ran is not known.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>An error without details.</summary>
    public SiloUnavailableException()
        : base("SiloUnavailableException")
    {
    }

    /// <summary>An error described by <paramref name="msg"/>.</summary>
    public SiloUnavailableException(string msg)
        : base(msg)
    {
    }

    /// <summary>An error caused by another.</summary>
    public SiloUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
