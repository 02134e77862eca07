using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>The stored state is not the one that the writer read: its ETag differs.</summary>
[GenerateSerializer]
public class InconsistentStateException : OrleansException
{
    /// <summary>An error without details.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>An error described by <paramref name="message"/>.</summary>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>An error caused by another.</summary>
    public InconsistentStateException(string message, Exception? innerException)
        : base(message, innerException!)
    {
    }

    /// <summary>The two ETags.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : base(errorMsg)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>The two ETags and the store's error.</summary>
    public InconsistentStateException(
        string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
        : base(errorMsg, storageException!)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    /// <summary>The store's ETag.</summary>
    [Id(1)]
    public string? StoredEtag { get; private set; }

    /// <summary>The writer's ETag.</summary>
    [Id(2)]
    public string? CurrentEtag { get; private set; }

    // Only the activation that made the conflicting write is deactivated, not those the error passes through.
    internal bool IsSourceActivation { get; set; } = true;

    /// <inheritdoc />
    public override string ToString() =>
        $"{GetType().Name}: {Message} Expected Etag={CurrentEtag} Received Etag={StoredEtag} {InnerException}";
}
