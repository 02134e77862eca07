namespace Orleans.Runtime;

/// <summary>A queue is full.</summary>
[GenerateSerializer]
public sealed class LimitExceededException : OrleansException
{
    /// <summary>An error without details.</summary>
    public LimitExceededException()
        : base("Limit exceeded")
    {
    }

    /// <summary>An error described by <paramref name="message"/>.</summary>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>An error caused by another.</summary>
    public LimitExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The limit, the count that broke it, and whose it is.</summary>
    public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}")
    {
    }
}
