using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Segments;

/// <summary>Gives the cipher of a data key, or throws <see cref="ErrorCode.KeyUnavailable"/>.</summary>
/// <param name="key">The key.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <returns>The cipher, which its owner disposes.</returns>
public delegate ValueTask<ISectorCipher> KeyOpen(KeyRef key, CancellationToken cancellationToken);
