using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The data keys that a process uses, each unwrapped once. It asks every second whether they may still be used, and
/// zeroises those that may not. Thread-safe.
/// </summary>
/// <param name="keks">The key-encryption keys; they stay the caller's.</param>
/// <param name="find">Looks a key up by name; null when there is none. Throws when it cannot be asked.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where losses are told; null for nowhere.</param>
public sealed partial class KeyRing(
    Keks keks, Func<string, CancellationToken, Task<KeyInfo?>> find, TimeProvider time, ILogger? log = null)
    : IAsyncDisposable
{
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);

    private readonly ILogger _log = log ?? NullLogger.Instance;
    private readonly Lock _gate = new();

    /// <summary>Keys that are in use or on their way; the catalog's limit is theirs.</summary>
    private readonly Dictionary<KeyRef, Task<DataKey>> _keys = [];

    private readonly CancellationTokenSource _stop = new();
    private Task? _watch;
    private bool _isDisposed;

    /// <summary>
    /// A key in use was revoked or removed: it is zeroised, and what was open under it has to be closed. Raised once a
    /// key, on a thread that has others to look after: a listener must not wait for anything.
    /// </summary>
    public event Action<KeyRef>? Lost;

    /// <summary>A key, ready for use. It stays the ring's, and fails from the moment on that it is lost.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>: it is revoked, removed, or
    /// cannot be unwrapped here; <see cref="ErrorCode.SiloUnavailable"/>: nobody can be asked for it now.</exception>
    /// <exception cref="ObjectDisposedException">The ring is closed.</exception>
    public ValueTask<DataKey> OpenAsync(KeyRef key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Task<DataKey>? opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_keys.TryGetValue(key, out opening))
            {
                _keys[key] = opening = Task.Run(() => LoadAsync(key), CancellationToken.None);
                _watch ??= WatchAsync(new PeriodicTimer(Period, time));
            }
        }

        return opening.IsCompletedSuccessfully
            ? ValueTask.FromResult(opening.Result)
            : new ValueTask<DataKey>(opening.WaitAsync(cancellationToken));
    }

    /// <summary>Zeroises all keys, without calling that a loss.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<DataKey>[] keys;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            keys = [.. _keys.Values];
            _keys.Clear();
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await (_watch ?? Task.CompletedTask).ConfigureAwait(false);
        foreach (var key in keys)
        {
            await ((Task)key).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (key.IsCompletedSuccessfully)
            {
                Tell(_ => key.Result.Dispose(), key.Result.Ref);
            }
        }

        _stop.Dispose();
    }

    /// <summary>Why a key cannot be used any more; null when it can.</summary>
    private static string? WhyLost(KeyRef key, KeyInfo? found) => found switch
    {
        null => $"Key '{key.Name}' was removed; what is encrypted under it is lost.",
        _ when found.Ref != key => $"Key '{key.Name}' is another now ({found.Ref.Id:N}, not {key.Id:N}): the one asked "
            + "for was removed, and what is encrypted under it is lost.",
        { State: not KeyState.Active } => $"Key '{key.Name}' is revoked; nothing is read or written under it any more.",
        _ => null,
    };

    /// <summary>A failure is told to those who wait for it, and forgotten.</summary>
    private async Task<DataKey> LoadAsync(KeyRef key)
    {
        try
        {
            var found = await FindAsync(key.Name, OpenTimeout).ConfigureAwait(false);
            return WhyLost(key, found) is { } why
                ? throw new SnapshotGrainsException(ErrorCode.KeyUnavailable, why)
                : Unwrap(found!);
        }
        catch
        {
            lock (_gate)
            {
                _keys.Remove(key);
            }

            throw;
        }
    }

    private DataKey Unwrap(KeyInfo key)
    {
        using var bytes = keks.Unwrap(key);
        return bytes.Length == AesXts.KeyBytes
            ? new DataKey(key.Ref, new AesXts(bytes.Span))
            : throw new SnapshotGrainsException(
                ErrorCode.KeyUnavailable,
                $"Key '{key.Ref.Name}' has {bytes.Length} bytes, not {AesXts.KeyBytes}; a later version made it.");
    }

    private async Task<KeyInfo?> FindAsync(string name, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        try
        {
            return await find(name, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error)
        {
            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            throw new SnapshotGrainsException(
                ErrorCode.SiloUnavailable,
                $"Key '{name}' could not be looked up within {timeout.TotalSeconds:0} s; try again.",
                error);
        }
    }
}
