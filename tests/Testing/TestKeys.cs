using System.Collections.Concurrent;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Testing;

/// <summary>Data keys of a test: whoever has this has them.</summary>
public sealed class TestKeys
{
    private readonly ConcurrentDictionary<KeyRef, ISectorCipher> _keys = new();

    /// <summary>Makes a key.</summary>
    public KeyRef Add(string name, ISectorCipher cipher)
    {
        var key = new KeyRef(name, Guid.NewGuid());
        _keys[key] = cipher;
        return key;
    }

    /// <summary>Takes a key away.</summary>
    public void Remove(KeyRef key) => _keys.TryRemove(key, out _);

    /// <summary>The cipher of a key.</summary>
    public ValueTask<ISectorCipher> OpenAsync(KeyRef key, CancellationToken cancellationToken) =>
        _keys.TryGetValue(key, out var cipher)
            ? ValueTask.FromResult(cipher)
            : throw new SnapshotGrainsException(ErrorCode.KeyUnavailable, $"Key '{key.Name}' is not there.");
}
