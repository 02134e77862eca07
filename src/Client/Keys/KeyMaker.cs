using System.Collections.Immutable;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>Makes data keys, and wraps them anew. Their bytes are in native memory for as long as that takes.</summary>
public static class KeyMaker
{
    /// <summary>A new key from the system's random numbers, wrapped under the current key-encryption key.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: it cannot be called so;
    /// <see cref="ErrorCode.KeyUnavailable"/>: there is no key-encryption key.</exception>
    public static KeyInfo Create(string name, Keks keks, TimeProvider time)
    {
        KeyCatalog.CheckName(name);
        using var key = SecretBytes.Random(AesXts.KeyBytes);
        var now = time.GetUtcNow();
        return new KeyInfo(
            new KeyRef(name, Guid.NewGuid()), KeyState.Active, keks.CurrentId, [.. keks.Wrap(key)], now, now);
    }

    /// <summary>
    /// The same keys, wrapped under the current key-encryption key; without those that are so already, and without
    /// revoked ones, which nobody unwraps any more.
    /// </summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>: one of them cannot be
    /// unwrapped.</exception>
    public static ImmutableArray<KeyInfo> Rewrap(IEnumerable<KeyInfo> keys, Keks keks, TimeProvider time)
    {
        var (kekId, now) = (keks.CurrentId, time.GetUtcNow());
        return
        [
            .. keys.Where(key => key.State == KeyState.Active && key.KekId != kekId)
                .Select(key => key with { KekId = kekId, Envelope = Rewrap(key, keks), WrappedAt = now }),
        ];
    }

    private static ImmutableArray<byte> Rewrap(KeyInfo wrapped, Keks keks)
    {
        using var key = keks.Unwrap(wrapped);
        return [.. keks.Wrap(key)];
    }
}
