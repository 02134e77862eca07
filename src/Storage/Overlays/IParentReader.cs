namespace SnapshotGrains.Storage;

/// <summary>Reads what lies under an overlay.</summary>
public interface IParentReader
{
    /// <summary>
    /// Fills <paramref name="destination"/> from byte <paramref name="offset"/> of the parent, which never changes;
    /// bytes past its end are zeros.
    /// </summary>
    ValueTask ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken);
}
