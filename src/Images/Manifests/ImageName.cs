namespace SnapshotGrains.Images;

/// <summary>
/// Names of images and of their snapshots: 1 to 64 of a–z, 0–9, '.', '_' and '-', the first a letter or digit. Such a
/// name is a safe file name and a safe part of a URL, and no path can be made of it.
/// </summary>
public static class ImageName
{
    /// <summary>Longest name.</summary>
    public const int MaxLength = 64;

    /// <summary>True when the text may name an image or a snapshot.</summary>
    public static bool IsValid(string? text) => text is { Length: > 0 and <= MaxLength }
        && (char.IsAsciiLetterLower(text[0]) || char.IsAsciiDigit(text[0]))
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');

    /// <summary>Refuses what is no name.</summary>
    /// <exception cref="ImageCenterException"><see cref="ImageErrorCode.BadName"/>.</exception>
    public static void Verify(string? name, string? snap)
    {
        foreach (var text in (ReadOnlySpan<string?>)[name, snap])
        {
            if (!IsValid(text))
            {
                throw new ImageCenterException(
                    ImageErrorCode.BadName,
                    $"'{text}' is not a name: give 1 to {MaxLength} of a-z, 0-9, '.', '_' and '-', " +
                    "a letter or digit first.");
            }
        }
    }
}
