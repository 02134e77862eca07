using SnapshotGrains.Storage;

namespace SnapshotGrains.Client;

/// <summary>
/// The key-encryption keys that a process has: the current one, which wraps, and previous ones, which only unwrap.
/// Read once. Without a current one, whatever needs a key fails. Thread-safe.
/// </summary>
public sealed class Keks : IDisposable
{
    /// <summary>What to do without one.</summary>
    private const string Remedy = "make one with 'openssl rand -out FILE 32; chmod 600 FILE' and start with "
        + "'--kek file:FILE' (setting Kek)";

    /// <summary>The current one first.</summary>
    private readonly IReadOnlyList<(string Id, SecretBytes Kek)> _all;

    /// <summary>Takes keys over, and zeroises them when it is disposed.</summary>
    public Keks(SecretBytes current, params IEnumerable<SecretBytes> previous)
        : this([current, .. previous])
    {
    }

    private Keks(IReadOnlyList<SecretBytes> all) => _all = [.. all.Select(kek => (KeyEnvelope.IdOf(kek), kek))];

    /// <summary>No key-encryption key.</summary>
    public static Keks None { get; } = new([]);

    /// <summary>The ids of all, the current one's first.</summary>
    public IReadOnlyList<string> Ids => [.. _all.Select(kek => kek.Id).Distinct(StringComparer.Ordinal)];

    /// <summary>The current one's id.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>: there is none.</exception>
    public string CurrentId => Current.Id;

    private (string Id, SecretBytes Kek) Current => _all.Count > 0 ? _all[0] : throw new SnapshotGrainsException(
        ErrorCode.KeyUnavailable, $"This process has no key-encryption key; {Remedy}.");

    /// <summary>Reads them all, or none.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="time">The clock of a command's deadline.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>: one cannot be read;
    /// <see cref="ErrorCode.BadRequest"/>: there are previous ones, but no current one.</exception>
    public static async Task<Keks> LoadAsync(
        KekOptions options, TimeProvider time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Current is null)
        {
            return options.Previous.Count == 0 ? None : throw new SnapshotGrainsException(
                ErrorCode.BadRequest, $"There are previous key-encryption keys, but no current one; {Remedy}.");
        }

        var keks = new List<SecretBytes>();
        try
        {
            foreach (var source in options.Previous.Prepend(options.Current))
            {
                keks.Add(await source.ReadAsync(time, cancellationToken).ConfigureAwait(false));
            }

            return new Keks(keks);
        }
        catch
        {
            keks.ForEach(kek => kek.Dispose());
            throw;
        }
    }

    /// <summary>Zeroises them.</summary>
    public void Dispose()
    {
        foreach (var (_, kek) in _all)
        {
            kek.Dispose();
        }
    }

    /// <summary>Wraps a key under the current one.</summary>
    internal byte[] Wrap(SecretBytes key) => KeyEnvelope.Wrap(Current.Kek, key);

    /// <summary>Unwraps a key, whose bytes the caller disposes.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.KeyUnavailable"/>: none of these wraps it, or its
    /// envelope is damaged.</exception>
    internal SecretBytes Unwrap(KeyInfo key)
    {
        var kek = _all.FirstOrDefault(kek => kek.Id == key.KekId).Kek ?? throw Missing(key);
        try
        {
            return KeyEnvelope.Unwrap(kek, key.Envelope.AsSpan());
        }
        catch (KeyEnvelopeException error)
        {
            throw new SnapshotGrainsException(
                ErrorCode.KeyUnavailable, $"The envelope of key '{key.Ref.Name}' is damaged: {error.Message}", error);
        }
    }

    private SnapshotGrainsException Missing(KeyInfo key) => new(
        ErrorCode.KeyUnavailable,
        $"Key '{key.Ref.Name}' is wrapped under key-encryption key {key.KekId}, which this process does not have; "
        + (_all.Count == 0
            ? "it has none: start it with that one, '--kek file:FILE' (setting Kek)."
            : $"it has {string.Join(", ", Ids)}: add that one, '--previous-kek file:FILE' (setting PreviousKek)."));
}
