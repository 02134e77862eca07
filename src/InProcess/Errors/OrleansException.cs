namespace Orleans.Runtime;

/// <summary>Base of the engine's errors.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>An error without details.</summary>
    public OrleansException()
        : base("Unexpected error.")
    {
    }

    /// <summary>An error described by <paramref name="message"/>.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>An error caused by another.</summary>
    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
