namespace Orleans.Runtime;

/// <summary>The configuration is wrong.</summary>
[GenerateSerializer]
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>An error described by <paramref name="message"/>.</summary>
    public OrleansConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>An error caused by another.</summary>
    public OrleansConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
