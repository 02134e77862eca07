using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// Which disks a batch clone creates: numbered ones (<see cref="Prefix"/>, <see cref="Count"/>, <see cref="First"/>)
/// or those of <see cref="Names"/>.
/// </summary>
/// <param name="Snapshot">The snapshot to clone.</param>
/// <param name="Prefix">What the names begin with; the number follows without padding: <c>vm-1</c>.</param>
/// <param name="Count">How many numbered disks, up to <see cref="MaxDisks"/>; 0 with <see cref="Names"/>.</param>
/// <param name="First">Number of the first disk, at least 0.</param>
/// <param name="Hydration">When the disks copy the snapshot's content.</param>
/// <param name="Layout">Which replica the disks are cloned from; null: what fits best when the batch begins.</param>
/// <param name="Names">The disks' names, up to <see cref="MaxDisks"/>; empty for numbered disks.</param>
/// <param name="Trace">Profile of the disks' trace; null for the default, <c>none</c> for none.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.BatchCloneSpec")]
public sealed record BatchCloneSpec(
    [property: Id(0)] SnapshotId Snapshot,
    [property: Id(1)] string Prefix = "",
    [property: Id(2)] int Count = 0,
    [property: Id(3)] int First = 1,
    [property: Id(4)] HydrationMode Hydration = HydrationMode.Background,
    [property: Id(6)] DiskLayout? Layout = null,
    ImmutableArray<string> Names = default,
    [property: Id(7), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Trace = null)
{
    /// <summary>Most disks in one batch.</summary>
    public const int MaxDisks = 10_000;

    /// <summary>The disks' names, if they are not numbered.</summary>
    [Id(5)]
    public ImmutableArray<string> Names { get; init; } = Names.IsDefault ? [] : Names;

    /// <summary>How many disks.</summary>
    [JsonIgnore]
    public int Total => Names.IsEmpty ? Count : Names.Length;

    /// <summary>The name of disk <paramref name="index"/>, from 0 to <see cref="Total"/> - 1.</summary>
    public string NameAt(int index) => Names.IsEmpty
        ? string.Create(CultureInfo.InvariantCulture, $"{Prefix}{(long)First + index}")
        : Names[index];

    /// <summary>Throws unless every name is valid and there only once.</summary>
    /// <exception cref="SnapshotGrainsException"><see cref="ErrorCode.BadRequest"/>.</exception>
    public void Check()
    {
        if (Names.IsEmpty == (Count == 0) || Count < 0 || (!Names.IsEmpty && Prefix.Length > 0))
        {
            throw Bad("give either a prefix and a count of at least 1, or names");
        }

        if (Total > MaxDisks)
        {
            throw Bad($"{Total} disks are too many for one batch; use several batches of at most {MaxDisks}");
        }

        if (First < 0 || !Enum.IsDefined(Hydration))
        {
            throw Bad($"the first number {First} or the hydration mode {Hydration} is not possible");
        }

        CheckNames();
    }

    /// <summary>Equal when both name the same disks in the same way.</summary>
    public bool Equals(BatchCloneSpec? other) => other is not null
        && Snapshot == other.Snapshot && Prefix == other.Prefix && Count == other.Count && First == other.First
        && Hydration == other.Hydration && Layout == other.Layout && Trace == other.Trace
        && Names.AsSpan().SequenceEqual(other.Names.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() =>
        HashCode.Combine(Snapshot, Prefix, Count, First, Hydration, Layout, Names.Length, Trace);

    private SnapshotGrainsException Bad(string why) =>
        new(ErrorCode.BadRequest, $"Snapshot {Snapshot} cannot be cloned like this: {why}.");

    private void CheckNames()
    {
        if (Names.IsEmpty)
        {
            // The names between these two have the same characters and are no longer than the last.
            ResourceName.Check(NameAt(0), "disk");
            ResourceName.Check(NameAt(Count - 1), "disk");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            if (!seen.Add(ResourceName.Check(name, "disk")))
            {
                throw Bad($"disk '{name}' is named twice");
            }
        }
    }
}
