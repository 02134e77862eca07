using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using SnapshotGrains.Grains.Records;

namespace SnapshotGrains.Grains.Keys;

/// <summary>
/// The record of all keys: a change is in storage before its caller hears of it. Reentrant, so that looking a key up,
/// which every process does each second for each key it uses, does not wait for storage.
/// </summary>
[Reentrant]
internal sealed class KeyCatalogGrain(
    [PersistentState("keys", StorageNames.Metadata)] IPersistentState<KeyCatalogState> state,
    IGrainFactory grains) : Grain, IKeyCatalogGrain
{
    private readonly GroupWrite<KeyCatalogState> _write = new(state);

    private Dictionary<string, KeyInfo> Known => state.State.Keys;

    public Task<KeyInfo> AddAsync(KeyInfo key, CancellationToken cancellationToken) => _write.RunAsync(undo =>
    {
        if (Known.TryGetValue(KeyCatalog.CheckName(key.Ref.Name), out var existing))
        {
            return existing.Ref == key.Ref ? existing : throw new SnapshotGrainsException(
                ErrorCode.AlreadyExists, $"Key '{key.Ref.Name}' exists already; choose another name.");
        }

        CheckNew(key);
        Known.Add(key.Ref.Name, key);
        undo.Add(() => Known.Remove(key.Ref.Name));
        return key;
    });

    public Task<KeyInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        _write.ReadAsync(() => Known.GetValueOrDefault(name));

    public Task<ImmutableArray<KeyInfo>> ListAsync(CancellationToken cancellationToken) =>
        _write.ReadAsync<ImmutableArray<KeyInfo>>(
            () => [.. Known.Values.OrderBy(key => key.Ref.Name, StringComparer.Ordinal)]);

    public Task<int> RewrapAsync(ImmutableArray<KeyInfo> keys, CancellationToken cancellationToken) =>
        _write.RunAsync(undo =>
        {
            var known = keys.Where(key => Known.GetValueOrDefault(key.Ref.Name)?.Ref == key.Ref).ToList();
            foreach (var key in known)
            {
                var old = Known[key.Ref.Name];
                Replace(old, old with { KekId = key.KekId, Envelope = key.Envelope, WrappedAt = key.WrappedAt }, undo);
            }

            return known.Count;
        });

    public Task<KeyInfo> RevokeAsync(string name, CancellationToken cancellationToken) => _write.RunAsync(undo =>
    {
        var key = Get(name);
        if (key.State != KeyState.Revoked)
        {
            Replace(key, key with { State = KeyState.Revoked }, undo);
        }

        return Known[name];
    });

    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var key = await _write.ReadAsync(() => Get(name));
        if (key.State != KeyState.Active)
        {
            await ForgetAsync(key);
            return;
        }

        CheckUnused(name, await KeyUse.CountAsync(grains, key.Ref, cancellationToken));
        await ForgetAsync(key);

        // A clone that was under way may have been recorded since; one that is recorded later finds the key gone.
        var late = await KeyUse.CountAsync(grains, key.Ref, cancellationToken);
        if (late.IsAny)
        {
            await RememberAsync(key);
            CheckUnused(name, late);
        }
    }

    /// <summary>Another of that name may have come meanwhile; it was not meant.</summary>
    private Task<bool> ForgetAsync(KeyInfo key) => _write.RunAsync(undo =>
    {
        var isKnown = Known.TryGetValue(key.Ref.Name, out var now) && now.Ref == key.Ref;
        if (isKnown)
        {
            Known.Remove(key.Ref.Name);
            undo.Add(() => Known.Add(key.Ref.Name, now!));
        }

        return isKnown;
    });

    private Task<bool> RememberAsync(KeyInfo key) => _write.RunAsync(undo =>
    {
        var isBack = Known.TryAdd(key.Ref.Name, key);
        if (isBack)
        {
            undo.Add(() => Known.Remove(key.Ref.Name));
        }

        return isBack;
    });

    private static void CheckUnused(string name, KeyUse use)
    {
        if (use.IsAny)
        {
            throw new SnapshotGrainsException(
                ErrorCode.InUse,
                $"Key '{name}' is in use by {use}; delete them, or revoke it first: its data is then lost for good.");
        }
    }

    private KeyInfo Get(string name) => Known.GetValueOrDefault(name) ?? throw KeyCatalog.NoSuchKey(name);

    /// <summary>Refuses what could never be used, and one key more than there may be.</summary>
    private void CheckNew(KeyInfo key)
    {
        if (key.Ref.Id == Guid.Empty || key.Envelope.IsDefaultOrEmpty || key.State != KeyState.Active)
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"Key '{key.Ref.Name}' has no id, no envelope, or is revoked already.");
        }

        if (Known.Count >= KeyCatalog.MaxKeys)
        {
            throw new SnapshotGrainsException(
                ErrorCode.NoSpace,
                $"There are {Known.Count} keys, and there can be no more; remove keys that nothing uses.");
        }
    }

    private void Replace(KeyInfo old, KeyInfo key, List<Action> undo)
    {
        Known[key.Ref.Name] = key;
        undo.Add(() => Known[key.Ref.Name] = old);
    }
}
