using System.Net;

namespace SnapshotGrains.Silo;

/// <summary>The settings that make a silo a member of a cluster.</summary>
internal sealed partial class SettingsReader
{
    private const int LastPort = ushort.MaxValue;

    /// <summary>What only silos that share their membership need.</summary>
    private static readonly string[] SharedKeys =
    [
        nameof(SiloSettings.ConnectionString), nameof(SiloSettings.Cluster), nameof(SiloSettings.SiloPort),
        nameof(SiloSettings.GatewayPort), nameof(SiloSettings.Advertise),
    ];

    private static readonly string[] ClusterKeys =
        [nameof(SiloSettings.NodeName), nameof(SiloSettings.Membership), nameof(SiloSettings.Storage), .. SharedKeys];

    /// <summary>The two halves of <see cref="Membership"/> and <see cref="MetadataStorage"/> that belong together.
    /// </summary>
    private static MetadataStorage StorageOf(Membership membership) => membership switch
    {
        Membership.Postgres => MetadataStorage.Postgres,
        Membership.Redis => MetadataStorage.Redis,
        _ => MetadataStorage.Sqlite,
    };

    private SiloSettings WithCluster(SiloSettings settings)
    {
        if (Choice(nameof(SiloSettings.Membership), Membership.Local) is not { } membership)
        {
            // What the other settings mean depends on it.
            return settings;
        }

        settings = settings with
        {
            Membership = membership,
            Storage = Storage(membership),
            NodeName = Name(
                nameof(SiloSettings.NodeName),
                membership == Membership.Local ? settings.NodeName : NodeNames.OfMachine(Environment.MachineName)),
        };
        if (membership != Membership.Local)
        {
            return WithShared(settings);
        }

        foreach (var key in SharedKeys.Where(key => Text(key) is not null))
        {
            Complain(key, $"it is of use only with {nameof(SiloSettings.Membership)} postgres or redis");
        }

        return settings;
    }

    private SiloSettings WithShared(SiloSettings settings)
    {
        if (_whyNotShared is { } why)
        {
            Complain(nameof(SiloSettings.Membership), Text(nameof(SiloSettings.Membership)), why);
        }

        if (Text(nameof(SiloSettings.ConnectionString)) is null)
        {
            Complain(
                nameof(SiloSettings.ConnectionString),
                $"it is missing, and says where the database is that silos meet in; use {ConnectionSource.Rule}");
        }

        var silo = Number(nameof(SiloSettings.SiloPort), settings.SiloPort, 0, LastPort);
        var gateway = Number(nameof(SiloSettings.GatewayPort), settings.GatewayPort, 0, LastPort);
        CheckPorts(silo, gateway, settings.Silos);
        return settings with
        {
            ConnectionString = Text(nameof(SiloSettings.ConnectionString)) is { } text && text.Trim().Length > 0
                ? ConnectionSource.Parse(text)
                : null,
            Cluster = Name(nameof(SiloSettings.Cluster), settings.Cluster),
            SiloPort = silo,
            GatewayPort = gateway,
            Advertise = Address(nameof(SiloSettings.Advertise)) ?? LocalAddresses.Reachable(settings.Http.Address),
        };
    }

    /// <summary>Metadata is where membership is: there is one connection string, and one truth.</summary>
    private MetadataStorage Storage(Membership membership)
    {
        var expected = StorageOf(membership);
        var storage = Choice(nameof(SiloSettings.Storage), expected);
        if (storage is null || storage == expected)
        {
            return expected;
        }

        var why = (membership, storage) switch
        {
            (Membership.Local, _) =>
                "metadata that other processes can reach needs a membership that they share, or they would not know "
                + $"of each other; set {nameof(SiloSettings.Membership)} to the same",
            (_, MetadataStorage.Sqlite) =>
                "with a shared membership each node would have metadata of its own in its data directory; leave it "
                + $"out, or set {nameof(SiloSettings.Membership)} to local",
            _ => $"{nameof(SiloSettings.ConnectionString)} leads to one database, for membership and metadata; leave "
                + "it out",
        };
        return Complain(nameof(SiloSettings.Storage), Text(nameof(SiloSettings.Storage)), why, expected);
    }

    private void CheckPorts(int silo, int gateway, int silos)
    {
        foreach (var (key, port) in
            new[] { (nameof(SiloSettings.SiloPort), silo), (nameof(SiloSettings.GatewayPort), gateway) })
        {
            if (port > LastPort - silos + 1)
            {
                Complain(key, $"{port}", $"the {silos} silos of this process need the ports from there on");
            }
        }

        if (silo > 0 && gateway > 0 && Math.Abs(silo - gateway) < silos)
        {
            Complain(
                nameof(SiloSettings.GatewayPort),
                $"{gateway}",
                $"the {silos} silos of this process have their own ports from {silo} on; use others");
        }
    }

    /// <summary>Null: it is wrong, and was complained about.</summary>
    private T? Choice<T>(string key, T fallback)
        where T : struct, Enum
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        // By name alone: a number would be taken for an enum's value.
        var names = Enum.GetNames<T>();
        return names.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : Complain<T?>(key, text, $"use {string.Join(" or ", names).ToLowerInvariant()}", null);
    }

    private IPAddress? Address(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        return IPAddress.TryParse(text, out var address) && !LocalAddresses.IsAny(address)
            ? address
            : Complain<IPAddress?>(key, text, "use the IP address at which other nodes reach this one", null);
    }
}
