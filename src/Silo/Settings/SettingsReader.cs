using System.Globalization;
using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Silo;

/// <summary>Reads and validates <see cref="SiloSettings"/>; collects every problem before it complains.</summary>
internal sealed partial class SettingsReader
{
    private static readonly string[] KnownKeys =
    [
        nameof(SiloSettings.Silos), nameof(SiloSettings.Data), nameof(SiloSettings.Http), nameof(SiloSettings.Nbd),
        nameof(SiloSettings.NbdSocket), nameof(SiloSettings.ImageCenter), nameof(SiloSettings.CacheBytes),
        nameof(SiloSettings.CachePopulate),
        nameof(SiloSettings.ReadCacheBytes), nameof(SiloSettings.Disks), Dashboard, CenterToken, CenterCa,
        nameof(SiloSettings.Traces), nameof(SiloSettings.ReplicaBytes), nameof(SiloSettings.DiskCache),
        nameof(SiloSettings.DiskCacheSize), nameof(SiloSettings.ReadTimeout),
        .. ClusterKeys, .. SecurityKeys,
    ];

    private const string Dashboard = "Dashboard";
    private const string CenterToken = "ImageCenterToken";
    private const string CenterCa = "ImageCenterCa";

    private readonly List<string> _problems = [];
    private readonly IConfigurationSection _section;

    private readonly string? _whyNotShared;

    private SettingsReader(IConfigurationSection section, string? whyNotShared) =>
        (_section, _whyNotShared) = (section, whyNotShared);

    /// <param name="configuration">Where the settings are.</param>
    /// <param name="whyNotShared">Why membership cannot be shared, if this build's engine cannot.</param>
    /// <exception cref="SiloConfigurationException">Something is wrong.</exception>
    public static SiloSettings Read(IConfiguration configuration, string? whyNotShared)
    {
        var reader = new SettingsReader(configuration.GetSection(SiloSettings.Section), whyNotShared);
        var settings = reader.ReadAll();
        return reader._problems.Count == 0 ? settings : throw new SiloConfigurationException(reader._problems);
    }

    private SiloSettings ReadAll()
    {
        RefuseUnknownKeys();
        var defaults = new SiloSettings { ImageCenter = "" };
        var tls = Tls();
        var data = Path.GetFullPath(Text(nameof(SiloSettings.Data)) ?? defaults.Data);
        var center = Center(data);
        return WithCluster(new SiloSettings
        {
            Data = data,
            Disks = Path.GetFullPath(Text(nameof(SiloSettings.Disks)) ?? Path.Combine(data, defaults.Disks)),
            Silos = Number(nameof(SiloSettings.Silos), defaults.Silos, 1, 64),
            Http = Endpoint(nameof(SiloSettings.Http), defaults.Http) ?? defaults.Http,
            Nbd = Endpoint(nameof(SiloSettings.Nbd), defaults.Nbd),
            NbdSocket = Text(nameof(SiloSettings.NbdSocket)) is { } socket ? Path.GetFullPath(socket) : null,
            ImageCenter = center.Place,
            Center = center,
            CacheBytes = Size(nameof(SiloSettings.CacheBytes), defaults.CacheBytes, 1 << 20),
            CachePopulate = Switch(nameof(SiloSettings.CachePopulate), defaults.CachePopulate),
            ReadCacheBytes = Size(nameof(SiloSettings.ReadCacheBytes), defaults.ReadCacheBytes, 1 << 20),
            ReplicaBytes = Size(nameof(SiloSettings.ReplicaBytes), defaults.ReplicaBytes, 0),
            DiskCache = PathOf(nameof(SiloSettings.DiskCache)),
            DiskCacheSize = DiskCacheSize(defaults.DiskCacheSize),
            HasDashboard = Switch(Dashboard, defaults.HasDashboard),
            Traces = Switch(nameof(SiloSettings.Traces), defaults.Traces),
            ReadTimeout = Seconds(nameof(SiloSettings.ReadTimeout), defaults.ReadTimeout),
            Keks = Keks(),
            Tokens = Tokens(),
            Tls = tls,
            NbdTls = NbdTls(tls),
        });
    }

    private void RefuseUnknownKeys()
    {
        foreach (var child in _section.GetChildren())
        {
            if (!KnownKeys.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                // Its value may be a secret that is in the environment under such a name by mistake.
                Complain(child.Key, $"there is no such setting, only {string.Join(", ", KnownKeys)}");
            }
        }
    }

    private string? Text(string key) => _section[key] is { Length: > 0 } text ? text : null;

    private int Number(string key, int fallback, int least, int most)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most)
        {
            return value;
        }

        return Complain(key, text, $"use a whole number from {least} to {most}", fallback);
    }

    private long Size(string key, long fallback, long least)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        return ByteSize.TryParse(text, out var value) && value >= least
            ? value
            : Complain(key, text, $"use a size of at least {ByteSize.Format(least)}, as 256M or 10G", fallback);
    }

    private long DiskCacheSize(long fallback)
    {
        if (Text(nameof(SiloSettings.DiskCacheSize)) is { } size && Text(nameof(SiloSettings.DiskCache)) is null)
        {
            const string Rule = $"it is of use only with a {nameof(SiloSettings.DiskCache)}: say in which directory";
            return Complain(nameof(SiloSettings.DiskCacheSize), size, Rule, fallback);
        }

        return Size(nameof(SiloSettings.DiskCacheSize), fallback, 4 << 20);
    }

    private bool Switch(string key, bool fallback) => Text(key) switch
    {
        null => fallback,
        "on" => true,
        "off" => false,
        var text => Complain(key, text, "use on or off", fallback),
    };

    private TimeSpan Seconds(string key, TimeSpan fallback)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value is >= 0.1 and <= 3600
            ? TimeSpan.FromSeconds(value)
            : Complain(key, text, "use seconds from 0.1 to 3600", fallback);
    }

    private string Name(string key, string fallback)
    {
        var text = Text(key) ?? fallback;
        return ResourceName.IsValid(text) ? text : Complain(key, text, $"use {ResourceName.Rule}", fallback);
    }

    /// <summary>An explicitly empty value means: nowhere.</summary>
    private IPEndPoint? Endpoint(string key, IPEndPoint? fallback)
    {
        if (_section[key] is not { } text)
        {
            return fallback;
        }

        if (text.Length == 0)
        {
            return null;
        }

        return ListenAddress.TryParse(text, out var endpoint)
            ? endpoint
            : Complain(key, text, $"use {ListenAddress.Rule}", fallback);
    }

    private CenterAddress Center(string data)
    {
        var place = CenterPath(Text(nameof(SiloSettings.ImageCenter)), data);
        var token = Current<AccessTokenSource>(CenterToken, AccessTokenSource.TryParse);
        var ca = PathOf(CenterCa);
        var http = place.Contains("://", StringComparison.Ordinal) ? new Uri(place) : null;
        foreach (var key in new[] { CenterToken, CenterCa }.Where(key => Text(key) is not null))
        {
            if (http is null || (key == CenterCa && http.Scheme != Uri.UriSchemeHttps))
            {
                Complain(key, $"it is of use only with an {nameof(SiloSettings.ImageCenter)} at an "
                    + (key == CenterCa ? "https" : "http or https") + " address");
            }
        }

        return new CenterAddress(place, http, token, ca);
    }

    private string CenterPath(string? text, string data)
    {
        if (text is null)
        {
            return Path.Combine(data, "image-center");
        }

        if (!text.Contains("://", StringComparison.Ordinal))
        {
            return Path.GetFullPath(text);
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || !(uri.IsFile || uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
        {
            const string Rule = "use a directory, or a file, http or https URI of one";
            return Complain(nameof(SiloSettings.ImageCenter), text, Rule, data);
        }

        if (uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length > 0)
        {
            // Not shown: there may be a secret in it.
            Complain(
                nameof(SiloSettings.ImageCenter),
                $"an address has no user, query or fragment; give a secret as {CenterToken}");
            return data;
        }

        return uri.IsFile ? uri.LocalPath : uri.AbsoluteUri;
    }

    private T Complain<T>(string key, string? value, string remedy, T instead)
    {
        Complain(key, value, remedy);
        return instead;
    }

    private void Complain(string key, string? value, string remedy) =>
        _problems.Add($"Setting {SiloSettings.Section}:{key} is '{value}': {remedy}.");

    private void Complain(string key, string remedy) =>
        _problems.Add($"Setting {SiloSettings.Section}:{key}: {remedy}.");
}
