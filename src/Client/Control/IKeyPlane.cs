namespace SnapshotGrains.Client;

/// <summary>What needs a key-encryption key: done by the silo, for itself and for those who ask over HTTP.</summary>
/// <remarks>Every call throws <see cref="SnapshotGrainsException"/> with the code of what failed.</remarks>
public interface IKeyPlane
{
    /// <summary>Makes a data key and records it, wrapped under the current key-encryption key.</summary>
    Task<KeyInfo> CreateKeyAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Wraps a key, or with null all active keys, under the current key-encryption key: all of them or none. Their data
    /// and who uses it are not touched.
    /// </summary>
    /// <returns>How many were not wrapped under it already.</returns>
    Task<int> RotateKeysAsync(string? name, CancellationToken cancellationToken);
}
