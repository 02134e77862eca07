using System.Diagnostics.CodeAnalysis;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// Names a replica of a snapshot. Without a format it is the base replica, which the image center feeds; all others
/// are derived from it. Written <c>name@snap</c>, or <c>name@snap/segment-unit-count/key</c> with <c>plain</c> for no
/// key.
/// </summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Format">Its stripe format; null for the base replica, as the image center has it.</param>
/// <param name="Key">The key it is encrypted under; null for none, and for the base replica.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ReplicaId")]
public sealed record ReplicaId(
    [property: Id(0)] SnapshotId Snapshot,
    [property: Id(1)] StripeFormat? Format = null,
    [property: Id(2)] KeyRef? Key = null)
{
    /// <summary>What stands for no key, and can be the name of none.</summary>
    public const string NoKey = "plain";

    /// <summary>Whether the image center feeds it.</summary>
    public bool IsBase => Format is null;

    /// <summary>Reads the written form.</summary>
    /// <exception cref="SnapshotGrainsException">Not of that form; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static ReplicaId Parse(string? text) => TryParse(text?.Split('/') ?? [], out var id)
        ? id
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"'{text}' is not a replica; write NAME@SNAP/SEGMENT-UNIT-COUNT/KEY.");

    /// <summary>Reads the parts of the written form; false when they are not of that form.</summary>
    public static bool TryParse(ReadOnlySpan<string> parts, [NotNullWhen(true)] out ReplicaId? id)
    {
        id = null;
        if (parts.Length is not (1 or 3) || !SnapshotId.TryParse(parts[0], out var snapshot))
        {
            return false;
        }

        if (parts.Length == 1)
        {
            id = new ReplicaId(snapshot);
            return true;
        }

        KeyRef? key = null;
        if (!StripeFormat.TryParse(parts[1], out var format)
            || (parts[2] != NoKey && !KeyRef.TryParse(parts[2], out key)))
        {
            return false;
        }

        id = new ReplicaId(snapshot, format, key);
        return true;
    }

    /// <summary>The written form.</summary>
    public override string ToString() =>
        IsBase ? Snapshot.ToString() : $"{Snapshot}/{Format}/{Key?.ToString() ?? NoKey}";
}
