namespace Orleans.Providers;

/// <summary>Names of providers.</summary>
public static class ProviderConstants
{
    /// <summary>The store of states that name none.</summary>
    public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
}
