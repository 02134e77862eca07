namespace SnapshotGrains.Grains.Records;

/// <summary>The grain storage providers that the grains ask for by name.</summary>
public static class StorageNames
{
    /// <summary>Disk and snapshot metadata: small, precious.</summary>
    public const string Metadata = "metadata";
}
