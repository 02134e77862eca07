using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Orleans;

namespace SnapshotGrains;

/// <summary>Names an immutable point in time that a disk can be cloned from; written <c>name@snap</c>.</summary>
[Immutable, GenerateSerializer, Alias("snapgrains.SnapshotId")]
[JsonConverter(typeof(SnapshotIdJsonConverter))]
public sealed record SnapshotId
{
    private SnapshotId(string name, string snap)
    {
        Name = name;
        Snap = snap;
    }

    /// <summary>The image's name.</summary>
    [Id(0)]
    public string Name { get; private init; }

    /// <summary>The snapshot's name within the image.</summary>
    [Id(1)]
    public string Snap { get; private init; }

    /// <summary>Reads <c>name@snap</c>.</summary>
    /// <exception cref="SnapshotGrainsException">Not of that form; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static SnapshotId Parse(string? text) => TryParse(text, out var id)
        ? id
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest,
            $"'{text}' is not a snapshot; write NAME@SNAP, each {ResourceName.Rule}.");

    /// <summary>Reads <c>name@snap</c>; false when it is not of that form.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SnapshotId? id)
    {
        id = null;
        var at = text?.IndexOf('@') ?? -1;
        if (at < 0 || !ResourceName.IsValid(text![..at]) || !ResourceName.IsValid(text[(at + 1)..]))
        {
            return false;
        }

        id = new SnapshotId(text[..at], text[(at + 1)..]);
        return true;
    }

    /// <summary><c>name@snap</c>.</summary>
    public override string ToString() => $"{Name}@{Snap}";
}
