namespace SnapshotGrains.Storage;

/// <summary>Stored bytes are truncated, altered, or of a version that this program does not read.</summary>
public sealed class CorruptFormatException : FormatException
{
    /// <summary>Says which structure is damaged, where, and how.</summary>
    /// <param name="what">The structure, for example "segment map".</param>
    /// <param name="offset">Byte offset in the structure where the damage was noticed.</param>
    /// <param name="reason">What was found and what was expected.</param>
    public CorruptFormatException(string what, long offset, string reason)
        : base($"The {what} is damaged at byte {offset}: {reason}.")
    {
        What = what;
        Offset = offset;
    }

    /// <summary>The structure that is damaged.</summary>
    public string What { get; }

    /// <summary>Byte offset in the structure where the damage was noticed.</summary>
    public long Offset { get; }

    /// <summary>The structure names a version that this program does not know; a newer program may read it.</summary>
    public bool IsUnsupportedVersion { get; init; }
}
