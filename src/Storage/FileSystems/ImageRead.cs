namespace SnapshotGrains.Storage;

/// <summary>Reads bytes of an image, which lie within it.</summary>
/// <param name="offset">The first.</param>
/// <param name="destination">Where they go.</param>
/// <param name="cancellationToken">Gives up.</param>
public delegate ValueTask ImageRead(long offset, Memory<byte> destination, CancellationToken cancellationToken);
