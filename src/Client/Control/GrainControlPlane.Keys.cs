namespace SnapshotGrains.Client;

/// <content>Keys.</content>
public sealed partial class GrainControlPlane
{
    private IKeyCatalogGrain Keys => grains.GetGrain<IKeyCatalogGrain>(0);

    /// <inheritdoc />
    public async Task<IReadOnlyList<KeyInfo>> ListKeysAsync(CancellationToken cancellationToken) =>
        await RepeatAsync(() => Keys.ListAsync(cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<KeyInfo?> FindKeyAsync(string name, CancellationToken cancellationToken) =>
        RepeatAsync(() => Keys.FindAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<KeyInfo> RevokeKeyAsync(string name, CancellationToken cancellationToken) =>
        RepeatAsync(() => Keys.RevokeAsync(name, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task RemoveKeyAsync(string name, CancellationToken cancellationToken) =>
        GrainCalls.OnceAsync(async () =>
        {
            await Keys.RemoveAsync(name, cancellationToken).ConfigureAwait(false);
            return true;
        });
}
