using System.Diagnostics.CodeAnalysis;
using SnapshotGrains.Client;

namespace SnapshotGrains.Silo;

/// <content>Keys, tokens and certificates. What they are is never shown: a secret may be there by mistake.</content>
internal sealed partial class SettingsReader
{
    private const string Kek = "Kek";
    private const string PreviousKek = "PreviousKek";
    private const string Token = "Token";
    private const string PreviousToken = "PreviousToken";
    private const string TlsCertificate = "TlsCertificate";
    private const string TlsKey = "TlsKey";
    private const string TlsCa = "TlsCa";

    private delegate bool SourceParser<T>(string? text, [NotNullWhen(true)] out T? source);

    private static string[] SecurityKeys =>
    [
        Kek, PreviousKek, Token, PreviousToken, TlsCertificate, TlsKey, TlsCa, nameof(SiloSettings.NbdTls),
    ];

    private KekOptions Keks()
    {
        var previous = Previous<KekSource>(PreviousKek, KekSource.TryParse);
        if (Text(Kek) is null && previous.Count > 0)
        {
            Complain(PreviousKek, $"it is of use only beside {Kek}, which wraps new keys");
        }

        return new KekOptions { Current = Current<KekSource>(Kek, KekSource.TryParse), Previous = previous };
    }

    private TokenOptions Tokens()
    {
        var previous = Previous<AccessTokenSource>(PreviousToken, AccessTokenSource.TryParse);
        if (Text(Token) is null && previous.Count > 0)
        {
            Complain(PreviousToken, $"it is of use only beside {Token}; without that, nobody is asked for one");
        }

        return new TokenOptions
        {
            Current = Current<AccessTokenSource>(Token, AccessTokenSource.TryParse),
            Previous = previous,
        };
    }

    private T? Current<T>(string key, SourceParser<T> parse)
        where T : class => Text(key) is { } text ? SourceOf(key, text, parse) : null;

    /// <summary>One, or a list.</summary>
    private IReadOnlyList<T> Previous<T>(string key, SourceParser<T> parse)
        where T : class
    {
        var section = _section.GetSection(key);
        var texts = section.GetChildren().Select(child => child.Value).Prepend(section.Value);
        return
        [
            .. texts.Where(text => !string.IsNullOrEmpty(text)).Select(text => SourceOf(key, text!, parse)).OfType<T>(),
        ];
    }

    /// <summary>The text is not shown: it may be the secret itself.</summary>
    private T? SourceOf<T>(string key, string text, SourceParser<T> parse)
        where T : class
    {
        if (!parse(text, out var source))
        {
            var what = typeof(T) == typeof(KekSource) ? "key" : "token";
            Complain(key, $"it does not say where the {what} is; use {SourceRule}");
        }

        return source;
    }

    private static string SourceRule => AccessTokenSource.Rule;

    private TlsFiles? Tls()
    {
        var (certificate, key, ca) = (PathOf(TlsCertificate), PathOf(TlsKey), PathOf(TlsCa));
        if (certificate is not null && key is not null)
        {
            return new TlsFiles(certificate, key, ca);
        }

        if (certificate is not null || key is not null)
        {
            Complain(certificate is null ? TlsCertificate : TlsKey, $"{TlsCertificate} and {TlsKey} go together");
        }
        else if (ca is not null)
        {
            Complain(TlsCa, $"it is of use only beside {TlsCertificate} and {TlsKey}");
        }

        return null;
    }

    private string? PathOf(string key) => Text(key) is { } path ? Path.GetFullPath(path) : null;

    private NbdTlsPolicy NbdTls(TlsFiles? tls)
    {
        const string Name = nameof(SiloSettings.NbdTls);
        if (Text(Name) is not { } text)
        {
            return tls is null ? NbdTlsPolicy.Off : NbdTlsPolicy.Require;
        }

        if (!Enum.TryParse<NbdTlsPolicy>(text, ignoreCase: true, out var policy) || char.IsAsciiDigit(text[0]))
        {
            return Complain(Name, text, "use off, allow, require or mutual", NbdTlsPolicy.Off);
        }

        if (policy != NbdTlsPolicy.Off && tls is null)
        {
            Complain(Name, text, $"it needs {TlsCertificate} and {TlsKey}");
        }
        else if (policy == NbdTlsPolicy.Mutual && tls?.Ca is null)
        {
            Complain(Name, text, $"it needs {TlsCa}, which says whose certificates NBD clients must have");
        }

        return policy;
    }
}
