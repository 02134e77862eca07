using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SnapshotGrains;

/// <summary>
/// Names one segment of a snapshot's base replica; the key of an <see cref="ISegmentGrain"/>. Written
/// <c>base/name@snap/number/digest</c>: the digest is part of the key because placement hashes by content,
/// so that equal content of two images lands on one silo and is kept once.
/// </summary>
/// <param name="Snapshot">The snapshot the segment belongs to.</param>
/// <param name="Number">Its number, from 0, in units of the segment size.</param>
/// <param name="DigestHex">SHA-256 of its bytes, 64 lower-case hexadecimal digits.</param>
public sealed record SegmentKey(SnapshotId Snapshot, long Number, string DigestHex)
{
    private const string BaseReplica = "base";
    private const int DigestHexLength = 64;

    /// <summary>The digest within a written key; what placement hashes, without parsing the rest.</summary>
    public static ReadOnlySpan<char> DigestOf(ReadOnlySpan<char> key) => key[(key.LastIndexOf('/') + 1)..];

    /// <summary>Reads the written form.</summary>
    /// <exception cref="SnapshotGrainsException">Not of that form; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static SegmentKey Parse(string text) => TryParse(text, out var key)
        ? key
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"'{text}' is not a segment key; write base/NAME@SNAP/NUMBER/SHA256.");

    /// <summary>Reads the written form; false when it is not of that form.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SegmentKey? key)
    {
        key = null;
        var parts = text?.Split('/') ?? [];
        if (parts.Length != 4 || parts[0] != BaseReplica || !SnapshotId.TryParse(parts[1], out var snapshot)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || parts[3].Length != DigestHexLength || !parts[3].All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        key = new SegmentKey(snapshot, number, parts[3]);
        return true;
    }

    /// <summary>The written form, <c>base/name@snap/number/digest</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{BaseReplica}/{Snapshot}/{Number}/{DigestHex}");
}
