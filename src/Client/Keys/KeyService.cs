using Orleans;

namespace SnapshotGrains.Client;

/// <summary>Creates and rotates keys with the key-encryption keys of this process; a silo hosts it.</summary>
/// <param name="grains">Where the key catalog is.</param>
/// <param name="keks">The key-encryption keys; they stay the caller's.</param>
/// <param name="time">The clock.</param>
public sealed class KeyService(IGrainFactory grains, Keks keks, TimeProvider time) : IKeyPlane
{
    private IKeyCatalogGrain Catalog => grains.GetGrain<IKeyCatalogGrain>(0);

    /// <inheritdoc />
    public Task<KeyInfo> CreateKeyAsync(string name, CancellationToken cancellationToken)
    {
        var key = KeyMaker.Create(name, keks, time);
        return GrainCalls.RepeatAsync(() => Catalog.AddAsync(key, cancellationToken), time, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<int> RotateKeysAsync(string? name, CancellationToken cancellationToken)
    {
        var keys = name is null
            ? await GrainCalls.RepeatAsync(() => Catalog.ListAsync(cancellationToken), time, cancellationToken)
                .ConfigureAwait(false)
            : [await GetActiveAsync(name, cancellationToken).ConfigureAwait(false)];
        var rewrapped = KeyMaker.Rewrap(keys, keks, time);
        return rewrapped.Length == 0 ? 0 : await GrainCalls.RepeatAsync(
            () => Catalog.RewrapAsync(rewrapped, cancellationToken), time, cancellationToken).ConfigureAwait(false);
    }

    private async Task<KeyInfo> GetActiveAsync(string name, CancellationToken cancellationToken)
    {
        var key = await GrainCalls.RepeatAsync(
            () => Catalog.FindAsync(name, cancellationToken), time, cancellationToken).ConfigureAwait(false)
            ?? throw KeyCatalog.NoSuchKey(name);
        return key.State == KeyState.Active ? key : throw new SnapshotGrainsException(
            ErrorCode.KeyUnavailable, $"Key '{name}' is revoked; it is not wrapped anew, only removed.");
    }
}
