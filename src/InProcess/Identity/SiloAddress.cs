using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace Orleans.Runtime;

/// <summary>A silo's endpoint and its generation, which tells restarts at one endpoint apart.</summary>
[Immutable]
public sealed class SiloAddress : IEquatable<SiloAddress>, IComparable<SiloAddress>
{
    private static readonly DateTimeOffset Epoch = new(2022, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static int _lastGeneration;

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>The address that stands for none.</summary>
    public static SiloAddress Zero { get; } = New(new IPAddress(0), 0, 0);

    /// <summary>The endpoint.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Which start of a silo at this endpoint; higher is later.</summary>
    public int Generation { get; }

    /// <summary>Whether it is a client's.</summary>
    public bool IsClient => Generation < 0;

    /// <summary>The address of this endpoint and generation.</summary>
    public static SiloAddress New(IPEndPoint ep, int gen) => New(ep.Address, ep.Port, gen);

    /// <summary>The address of this endpoint and generation.</summary>
    public static SiloAddress New(IPAddress address, int port, int generation) =>
        new(new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port), generation);

    /// <summary>A generation higher than all before it in this process.</summary>
    public static int AllocateNewGeneration() => AllocateNewGeneration(TimeProvider.System);

    /// <summary>The inverse of <see cref="ToParsableString"/>.</summary>
    /// <exception cref="FormatException">The text is not a silo address.</exception>
    public static SiloAddress FromParsableString(string addr)
    {
        ArgumentNullException.ThrowIfNull(addr);
        var at = addr.LastIndexOf('@');
        var colon = at < 0 ? -1 : addr.LastIndexOf(':', at);
        if (colon < 0
            || !IPAddress.TryParse(addr.AsSpan(0, colon), out var host)
            || !TryParse(addr.AsSpan((colon + 1)..at), out var port)
            || port > IPEndPoint.MaxPort
            || !TryParse(addr.AsSpan(at + 1), out var generation))
        {
            throw new FormatException("Invalid string SiloAddress: " + addr);
        }

        return New(host, port, generation);
    }

    /// <summary>The standard form <c>address:port@generation</c>.</summary>
    public string ToParsableString() => $"{Endpoint.Address}:{Endpoint.Port}@{Generation}";

    /// <summary>A hash that is the same in every process.</summary>
    public int GetConsistentHashCode() => (int)StableHash.Compute(Encoding.UTF8.GetBytes(ToParsableString()));

    /// <inheritdoc />
    public bool Equals([NotNullWhen(true)] SiloAddress? other) => other is not null
        && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    /// <inheritdoc />
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as SiloAddress);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Endpoint.Port, Generation);

    /// <summary>Orders by generation, then port, then address.</summary>
    public int CompareTo(SiloAddress? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = Generation.CompareTo(other.Generation);
        order = order != 0 ? order : Endpoint.Port.CompareTo(other.Endpoint.Port);
        return order != 0
            ? order
            : Endpoint.Address.GetAddressBytes().AsSpan().SequenceCompareTo(other.Endpoint.Address.GetAddressBytes());
    }

    /// <inheritdoc />
    public override string ToString() => $"S{ToParsableString().Replace('@', ':')}";

    internal static int AllocateNewGeneration(TimeProvider time)
    {
        var seconds = unchecked((int)(time.GetUtcNow() - Epoch).TotalSeconds);
        while (true)
        {
            var last = Volatile.Read(ref _lastGeneration);
            var next = Math.Max(seconds, last + 1);
            if (Interlocked.CompareExchange(ref _lastGeneration, next, last) == last)
            {
                return next;
            }
        }
    }

    private static bool TryParse(ReadOnlySpan<char> text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
