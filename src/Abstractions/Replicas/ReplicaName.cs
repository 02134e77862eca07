using Orleans;

namespace SnapshotGrains;

/// <summary>
/// A derived replica as people name it: its key by name, where <see cref="ReplicaId"/> has the key's id too. Written
/// <c>name@snap/segment-unit-count/key</c>.
/// </summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Format">Its stripe format.</param>
/// <param name="Key">Name of its key; <see cref="ReplicaId.NoKey"/> for none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.ReplicaName")]
public sealed record ReplicaName(
    [property: Id(0)] SnapshotId Snapshot,
    [property: Id(1)] StripeFormat Format,
    [property: Id(2)] string Key = ReplicaId.NoKey)
{
    /// <summary>The name of a derived replica.</summary>
    public static ReplicaName Of(ReplicaId replica) =>
        new(replica.Snapshot, replica.Format!, replica.Key?.Name ?? ReplicaId.NoKey);

    /// <summary>Reads the parts of the written form.</summary>
    /// <exception cref="SnapshotGrainsException">Not of that form; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static ReplicaName Parse(string snapshot, string format, string key)
    {
        if (!StripeFormat.TryParse(format, out var parsed))
        {
            throw new SnapshotGrainsException(
                ErrorCode.BadRequest,
                $"'{format}' is not a stripe format; write SEGMENT-UNIT-COUNT in bytes, as 1048576-65536-4.");
        }

        return new ReplicaName(SnapshotId.Parse(snapshot), parsed, ResourceName.Check(key, "key"));
    }

    /// <summary>Whether it names <paramref name="replica"/>.</summary>
    public bool Names(ReplicaId replica) => !replica.IsBase && Of(replica) == this;

    /// <summary>The written form.</summary>
    public override string ToString() => $"{Snapshot}/{Format}/{Key}";
}
