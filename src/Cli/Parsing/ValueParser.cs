using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using SnapshotGrains.Client;
using SnapshotGrains.Silo;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Parsing;

/// <summary>Turns the words of a command line into values; what is wrong becomes a usage error.</summary>
internal static class ValueParser
{
    /// <summary>What a size looks like, for messages and help texts.</summary>
    public const string SizeRule = "bytes, or a binary multiple as 64K, 256M or 10G";

    /// <summary>A size in bytes, from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Func<ArgumentResult, long?> Size(long least, long most = long.MaxValue) => result =>
    {
        var text = Single(result);
        if (ByteSize.TryParse(text, out var bytes) && bytes >= least && bytes <= most)
        {
            return bytes;
        }

        var range = most == long.MaxValue
            ? $"at least {ByteSize.Approximate(least)}"
            : $"from {ByteSize.Approximate(least)} to {ByteSize.Approximate(most)}";
        return Reject<long?>(result, $"'{text}' is not a size for {NameOf(result)}: use {SizeRule}, {range}");
    };

    /// <summary>A segment size: a power of two from 64 KiB to 16 MiB.</summary>
    public static int? SegmentSize(ArgumentResult result)
    {
        var text = Single(result);
        return ByteSize.TryParse(text, out var bytes) && bytes <= SegmentMap.MaxSegmentSizeBytes
            && SegmentMap.IsValidSegmentSize((int)bytes)
            ? (int)bytes
            : Reject<int?>(result, $"'{text}' is not a segment size: use a power of two from 64K to 16M");
    }

    /// <summary>A duration.</summary>
    public static TimeSpan? Duration(ArgumentResult result)
    {
        var text = Single(result);
        return DurationText.TryParse(text, out var duration) ? duration
            : Reject<TimeSpan?>(result, $"'{text}' is not a duration for {NameOf(result)}: use {DurationText.Rule}");
    }

    /// <summary>A server's address.</summary>
    public static Uri? Server(ArgumentResult result)
    {
        var text = Single(result);
        return ServerAddress.TryParse(text, out var server) ? server
            : Reject<Uri>(result, $"'{text}' is not a server address: use {ServerAddress.Rule}");
    }

    /// <summary>One or more servers' addresses.</summary>
    public static Uri[]? Servers(ArgumentResult result)
    {
        var servers = result.Tokens.Select(token => ServerAddress.TryParse(token.Value, out var server) ? server : null)
            .ToArray();
        var wrong = Array.IndexOf(servers, null);
        return wrong < 0 ? [.. servers.OfType<Uri>()] : Reject<Uri[]>(
            result, $"'{result.Tokens[wrong].Value}' is not a server address: use {ServerAddress.Rule}");
    }

    /// <summary>One or more addresses to listen on.</summary>
    public static IPEndPoint[]? Endpoints(ArgumentResult result)
    {
        var endpoints = result.Tokens.Select(token => ListenAddress.TryParse(token.Value, out var endpoint)
            ? endpoint : null).ToArray();
        var wrong = Array.IndexOf(endpoints, null);
        return wrong < 0 ? [.. endpoints.OfType<IPEndPoint>()] : Reject<IPEndPoint[]>(
            result, $"'{result.Tokens[wrong].Value}' is not an address to listen on: use {ListenAddress.Rule}");
    }

    /// <summary>Where an access token is; what was given is not shown, for it may be the token itself.</summary>
    public static string? TokenSource(ArgumentResult result) =>
        AccessTokenSource.TryParse(Single(result), out _) ? Single(result)
            : Reject<string>(
                result, $"{NameOf(result)} does not say where the token is: use {AccessTokenSource.Rule}");

    /// <summary>A snapshot, <c>NAME@SNAP</c>.</summary>
    public static SnapshotId? Snapshot(ArgumentResult result)
    {
        var text = Single(result);
        return SnapshotId.TryParse(text, out var id) ? id
            : Reject<SnapshotId>(result, $"'{text}' is not a snapshot: write NAME@SNAP, each {ResourceName.Rule}");
    }

    /// <summary>One or more snapshots.</summary>
    public static SnapshotId[]? Snapshots(ArgumentResult result)
    {
        var wrong = result.Tokens.FirstOrDefault(token => !SnapshotId.TryParse(token.Value, out _));
        return wrong is null
            ? [.. result.Tokens.Select(token => SnapshotId.Parse(token.Value))]
            : Reject<SnapshotId[]>(
                result, $"'{wrong.Value}' is not a snapshot: write NAME@SNAP, each {ResourceName.Rule}");
    }

    /// <summary>One or more names of disks.</summary>
    public static string[]? DiskNames(ArgumentResult result) => Names(result, "disk");

    /// <summary>One or more names of keys.</summary>
    public static string[]? KeyNames(ArgumentResult result) => Names(result, "key");

    /// <summary>The name of a key.</summary>
    public static string? KeyName(ArgumentResult result) => KeyNames(result)?.LastOrDefault();

    /// <summary>A profile of a trace.</summary>
    public static string? Profile(ArgumentResult result) => Names(result, "profile")?.LastOrDefault();

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Func<ArgumentResult, int?> Count(int least, int most) => result =>
    {
        var text = Single(result);
        return int.TryParse(text, out var count) && count >= least && count <= most
            ? count
            : Reject<int?>(result, $"'{text}' is not a number for {NameOf(result)}: use {least} to {most}");
    };

    /// <summary>An id for an operation.</summary>
    public static string? OperationId(ArgumentResult result)
    {
        var text = Single(result);
        return ResourceName.IsValid(text) ? text
            : Reject<string>(result, $"'{text}' is not an operation's id: use {ResourceName.Rule}");
    }

    /// <summary>A mode of hydration.</summary>
    public static HydrationMode? Hydration(ArgumentResult result)
    {
        var text = Single(result);
        return Enum.TryParse<HydrationMode>(text, ignoreCase: true, out var mode) && Enum.IsDefined(mode)
            && !char.IsAsciiDigit(text[0])
            ? mode
            : Reject<HydrationMode?>(result, $"'{text}' is not a mode of hydration: use background, none or eager");
    }

    /// <summary>When a replica's segments are made.</summary>
    public static ReplicaBuild? Build(ArgumentResult result) => Single(result) switch
    {
        "lazy" => ReplicaBuild.Lazy,
        "eager" => ReplicaBuild.Eager,
        var text => Reject<ReplicaBuild?>(result, $"'{text}' is not a way to build: use lazy or eager"),
    };

    /// <summary>A stripe format, <c>SEGMENT/UNIT/COUNT</c>.</summary>
    public static StripeFormat? Format(ArgumentResult result)
    {
        var text = Single(result);
        var parts = text.Split('/');
        return parts.Length == 3 && ByteSize.TryParse(parts[0], out var segment)
            && ByteSize.TryParse(parts[1], out var unit) && int.TryParse(parts[2], out var count)
            && StripeLayout.ProblemOf(segment, unit, count) is null
            ? new StripeFormat((int)segment, (int)unit, count)
            : Reject<StripeFormat>(
                result, $"'{text}' is not a stripe format: write SEGMENT/UNIT/COUNT, as 1M/64K/4");
    }

    /// <summary>A rate in bytes a second, or <c>none</c>.</summary>
    public static HydrationLimit? Rate(ArgumentResult result)
    {
        var text = Single(result);
        if (text == "none")
        {
            return new HydrationLimit(null);
        }

        return ByteSize.TryParse(text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text, out var bytes)
            && bytes > 0
            ? new HydrationLimit(bytes)
            : Reject<HydrationLimit>(result, $"'{text}' is not a rate: use {SizeRule} a second, or none");
    }

    private static string[]? Names(ArgumentResult result, string what)
    {
        var wrong = result.Tokens.FirstOrDefault(token => !ResourceName.IsValid(token.Value));
        return wrong is null
            ? [.. result.Tokens.Select(token => token.Value)]
            : Reject<string[]>(result, $"'{wrong.Value}' is not a {what} name: use {ResourceName.Rule}");
    }

    private static string Single(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";

    private static string NameOf(ArgumentResult result) =>
        result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;

    private static T? Reject<T>(ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
