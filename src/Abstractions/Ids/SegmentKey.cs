using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SnapshotGrains;

/// <summary>
/// Names one segment of a snapshot's replica; the key of an <see cref="ISegmentGrain"/>. Written
/// <c>base/name@snap/number/digest</c>, or <c>derived/name@snap/format/key/number/digest/placement</c>: what placement
/// hashes is part of the key because the director sees nothing else.
/// </summary>
/// <param name="Replica">The replica the segment belongs to.</param>
/// <param name="Number">Its number, from 0, in units of the replica's segment size.</param>
/// <param name="DigestHex">The name of its content, 64 lower-case hexadecimal digits: the SHA-256 of a base segment's
/// bytes, or of a derived segment's recipe.</param>
/// <param name="PlacementHex">What chooses its silo, likewise: a base segment's digest, so that equal content of two
/// images lands on one silo and is kept once; what a derived segment's set shares.</param>
public sealed record SegmentKey(ReplicaId Replica, long Number, string DigestHex, string PlacementHex)
{
    private const string Base = "base";
    private const string Derived = "derived";
    private const int DigestHexLength = 64;

    /// <summary>A segment of a base replica.</summary>
    public SegmentKey(SnapshotId snapshot, long number, string digestHex)
        : this(new ReplicaId(snapshot), number, digestHex, digestHex)
    {
    }

    /// <summary>The snapshot.</summary>
    public SnapshotId Snapshot => Replica.Snapshot;

    /// <summary>
    /// Its place among the segments that are filled in turns: they belong on different silos, so that a sequential
    /// read asks several at once.
    /// </summary>
    public int Column => Replica.Format is { } format ? (int)(Number % format.StripeCount) : 0;

    /// <summary>Reads the written form.</summary>
    /// <exception cref="SnapshotGrainsException">Not of that form; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static SegmentKey Parse(string text) => TryParse(text, out var key)
        ? key
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest,
            $"'{text}' is not a segment key; write base/NAME@SNAP/NUMBER/SHA256 or "
            + "derived/NAME@SNAP/SEGMENT-UNIT-COUNT/KEY/NUMBER/SHA256/SHA256.");

    /// <summary>Reads the written form; false when it is not of that form.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SegmentKey? key)
    {
        key = null;
        var parts = text?.Split('/') ?? [];
        var isBase = parts is [Base, _, _, _];
        if ((!isBase && parts is not [Derived, _, _, _, _, _, _])
            || !ReplicaId.TryParse(parts.AsSpan(1, isBase ? 1 : 3), out var replica)
            || !long.TryParse(parts[isBase ? 2 : 4], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !IsDigest(parts[isBase ? 3 : 5]) || !IsDigest(parts[^1])
            || replica.Format?.StripeCount is < 1)
        {
            return false;
        }

        key = new SegmentKey(replica, number, parts[isBase ? 3 : 5], parts[^1]);
        return true;
    }

    /// <summary>The written form.</summary>
    public override string ToString() => Replica.IsBase
        ? string.Create(CultureInfo.InvariantCulture, $"{Base}/{Replica}/{Number}/{DigestHex}")
        : string.Create(CultureInfo.InvariantCulture, $"{Derived}/{Replica}/{Number}/{DigestHex}/{PlacementHex}");

    private static bool IsDigest(string text) =>
        text.Length == DigestHexLength && text.All(char.IsAsciiHexDigitLower);
}
