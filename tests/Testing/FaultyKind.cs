namespace SnapshotGrains.Testing;

/// <summary>What a <see cref="FaultyImageSource"/> can do to a range read.</summary>
public enum FaultyKind
{
    /// <summary>The right bytes.</summary>
    None,

    /// <summary>One bit of the range is flipped.</summary>
    FlippedBit,

    /// <summary>The range ends early: half of it arrives, then the source says so.</summary>
    Short,

    /// <summary>Only half of the range is the right one and the source does not notice.</summary>
    ShortUnnoticed,

    /// <summary>A longer range than asked for arrives and is cut: the bytes are shifted by one.</summary>
    Long,

    /// <summary>The range of another offset arrives.</summary>
    Swapped,

    /// <summary>The object is another one from the middle of the range on.</summary>
    ChangedMidway,

    /// <summary>All zeros arrive.</summary>
    Zeros,

    /// <summary>A passing error.</summary>
    Error,

    /// <summary>The right bytes, after <see cref="FaultyImageSource.Delay"/>.</summary>
    Delay,

    /// <summary>Nothing, until the caller gives up.</summary>
    Hang,
}
