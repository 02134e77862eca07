using System.Diagnostics.CodeAnalysis;
using Orleans;

namespace SnapshotGrains;

/// <summary>
/// Names a data key: the name that people gave it, and an id that no other key ever has, so that a key which was
/// removed and made anew under its name is not taken for it. Written <c>name.id</c>, the id as 32 hexadecimal digits.
/// </summary>
/// <param name="Name">The key's name; see <see cref="ResourceName"/>.</param>
/// <param name="Id">Never empty.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.KeyRef")]
public sealed record KeyRef([property: Id(0)] string Name, [property: Id(1)] Guid Id)
{
    private const int IdDigits = 32;

    /// <summary>Reads <c>name.id</c>; false when it is not of that form.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KeyRef? key)
    {
        key = null;
        var dot = (text?.Length ?? 0) - IdDigits - 1;
        if (dot < 1 || text![dot] != '.' || !ResourceName.IsValid(text[..dot])
            || !Guid.TryParseExact(text[(dot + 1)..], "N", out var id) || id == Guid.Empty)
        {
            return false;
        }

        key = new KeyRef(text[..dot], id);
        return true;
    }

    /// <summary><c>name.id</c>.</summary>
    public override string ToString() => $"{Name}.{Id:N}";
}
