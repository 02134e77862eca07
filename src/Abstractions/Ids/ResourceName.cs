using System.Text.RegularExpressions;

namespace SnapshotGrains;

/// <summary>The rule that names of images, snapshots and disks share: they become file names and URL parts.</summary>
public static partial class ResourceName
{
    /// <summary>Longest name, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>What a valid name looks like, for messages and help texts.</summary>
    public const string Rule =
        "1 to 64 characters: lower-case letters, digits, '.', '_' and '-', starting with a letter or digit";

    /// <summary>Whether <paramref name="name"/> obeys <see cref="Rule"/>.</summary>
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    /// <summary>Returns <paramref name="name"/> when it is valid.</summary>
    /// <param name="name">The name to check.</param>
    /// <param name="what">What it names ("disk", "image"), for the message.</param>
    /// <exception cref="SnapshotGrainsException">It is not; <see cref="ErrorCode.BadRequest"/>.</exception>
    public static string Check(string? name, string what) => IsValid(name)
        ? name!
        : throw new SnapshotGrainsException(
            ErrorCode.BadRequest, $"'{name}' is not a valid {what} name; use {Rule}.");

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
