namespace SnapshotGrains.Client;

/// <content>Keys. What comes and goes is wrapped.</content>
public sealed partial class HttpControlPlane : IKeyPlane
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<KeyInfo>> ListKeysAsync(CancellationToken cancellationToken) =>
        await http.GetApiAsync<KeyInfo[]>(ApiRoutes.Keys, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<KeyInfo?> FindKeyAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await http.GetApiAsync<KeyInfo>(ApiRoutes.KeyOf(name), cancellationToken).ConfigureAwait(false);
        }
        catch (SnapshotGrainsException error) when (error.Code == ErrorCode.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task<KeyInfo> CreateKeyAsync(string name, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ApiRoutes.KeyOf(name));
        return await http.SendApiAsync<KeyInfo>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<int> RotateKeysAsync(string? name, CancellationToken cancellationToken)
    {
        var path = name is null ? ApiRoutes.KeyRotation : ApiRoutes.RotationOf(name);
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return (await http.SendApiAsync<KeyRotation>(request, cancellationToken).ConfigureAwait(false)).Rewrapped;
    }

    /// <inheritdoc />
    public async Task<KeyInfo> RevokeKeyAsync(string name, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ApiRoutes.RevocationOf(name));
        return await http.SendApiAsync<KeyInfo>(request, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task RemoveKeyAsync(string name, CancellationToken cancellationToken) =>
        http.DeleteApiAsync(ApiRoutes.KeyOf(name), cancellationToken);
}
