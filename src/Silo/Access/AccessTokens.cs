using SnapshotGrains.Client;

namespace SnapshotGrains.Silo.Access;

/// <summary>The access tokens that a silo accepts. Read once.</summary>
internal sealed class AccessTokens
{
    private readonly IReadOnlyList<AccessToken> _all;

    /// <summary>Accepts these, the current one first; none: whoever comes.</summary>
    public AccessTokens(params IReadOnlyList<AccessToken> all) => _all = all;

    /// <summary>Whether none is asked for.</summary>
    public bool IsOpen => _all.Count == 0;

    /// <summary>The one that this silo shows to others.</summary>
    public AccessToken? Current => _all.Count == 0 ? null : _all[0];

    /// <summary>Reads them all, or none.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>: one cannot be read.</exception>
    public static async Task<AccessTokens> LoadAsync(
        TokenOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var tokens = new List<AccessToken>();
        foreach (var source in options.Current is { } current ? options.Previous.Prepend(current) : [])
        {
            tokens.Add(await source.ReadAsync(time, cancellationToken).ConfigureAwait(false));
        }

        return new AccessTokens(tokens);
    }

    /// <summary>Whether it is one of them; all are compared, so that the time does not tell which.</summary>
    public bool Knows(string shown)
    {
        var isKnown = false;
        foreach (var token in _all)
        {
            isKnown |= token.Matches(shown);
        }

        return isKnown;
    }
}
