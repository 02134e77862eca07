namespace SnapshotGrains.Storage;

/// <summary>A size such as "64K" could not be understood, or does not fit in 63 bits.</summary>
public sealed class ByteSizeFormatException : FormatException
{
    /// <summary>Says what was given and why it is refused.</summary>
    public ByteSizeFormatException(string input, string reason)
        : base($"'{input}' is not a size: {reason}. Give bytes or a binary multiple such as 64K, 256M, 10G or 1T.")
        => Input = input;

    /// <summary>The text as it was given.</summary>
    public string Input { get; }
}
