namespace Orleans.Runtime;

/// <summary>Names the state and the store of an <see cref="IPersistentState{TState}"/> parameter.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute, IFacetMetadata
{
    /// <summary>The state's name within the grain.</summary>
    public string StateName { get; } = stateName ?? throw new ArgumentNullException(nameof(stateName));

    /// <summary>The store's name; null = the default store.</summary>
    public string? StorageName { get; } = storageName;
}
