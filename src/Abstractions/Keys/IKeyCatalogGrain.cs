using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// All data keys of the cluster, wrapped. It never sees one unwrapped: keys are made, wrapped and unwrapped by who uses
/// them. Key: 0.
/// </summary>
[Alias("snapgrains.IKeyCatalogGrain")]
public interface IKeyCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Records a new key; one of the same id is left alone, so the call can be repeated.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.AlreadyExists"/>: the name is taken;
    /// <see cref="ErrorCode.NoSpace"/>: there are <see cref="KeyCatalog.MaxKeys"/> already;
    /// <see cref="ErrorCode.BadRequest"/>: no key may be called so.</exception>
    [Alias("Add")]
    Task<KeyInfo> AddAsync(KeyInfo key, CancellationToken cancellationToken);

    /// <summary>The key of that name, or null.</summary>
    [Alias("Find")]
    Task<KeyInfo?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>All keys, by name.</summary>
    [Alias("List")]
    Task<ImmutableArray<KeyInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Replaces the envelopes of keys that are still there: all with one write, or none. What a key is revoked to be
    /// meanwhile stays so.
    /// </summary>
    /// <returns>How many were replaced.</returns>
    [Alias("Rewrap")]
    Task<int> RewrapAsync(ImmutableArray<KeyInfo> keys, CancellationToken cancellationToken);

    /// <summary>From now on nothing is read or written under the key.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>.</exception>
    [Alias("Revoke")]
    Task<KeyInfo> RevokeAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets a key for good, and with it whatever is still encrypted under it. A key in use must be revoked first.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.NotFound"/>; <see cref="ErrorCode.InUse"/>: it is
    /// active and disks or images are encrypted under it; <see cref="ErrorCode.ImageCenterUnavailable"/>: nobody
    /// knows whether images are.</exception>
    [Alias("Remove")]
    Task RemoveAsync(string name, CancellationToken cancellationToken);
}
