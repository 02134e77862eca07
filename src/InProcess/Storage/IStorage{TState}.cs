namespace Orleans.Core;

/// <inheritdoc />
public interface IStorage<TState> : IStorage
{
    /// <summary>The state.</summary>
    TState State { get; set; }
}
