namespace SnapshotGrains;

/// <summary>Limits and rules of <see cref="IKeyCatalogGrain"/>.</summary>
public static class KeyCatalog
{
    /// <summary>Keys that there may be: the catalog is written as a whole, at about 400 bytes a key.</summary>
    public const int MaxKeys = 10_000;

    /// <summary>Returns <paramref name="name"/> when a key may be called so.</summary>
    /// <exception cref="SnapshotGrainsException">It may not; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static string CheckName(string? name) => ResourceName.Check(name, "key") != ReplicaId.NoKey
        ? name!
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"'{ReplicaId.NoKey}' stands for no key at all; choose another name.");

    /// <summary>The error of asking for a key that does not exist.</summary>
    public static SnapshotGrainsException NoSuchKey(string name) =>
        new(ErrorCode.NotFound, $"There is no key '{name}'; 'snapgrains key ls' lists the keys.");
}
