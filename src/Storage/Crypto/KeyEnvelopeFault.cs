namespace SnapshotGrains.Storage;

/// <summary>What is wrong with a key envelope.</summary>
public enum KeyEnvelopeFault
{
    /// <summary>Its length is not that of any envelope: it is truncated, or something else.</summary>
    Malformed,

    /// <summary>It was wrapped under another KEK, or altered since: its check value tells no more.</summary>
    NotOpened,
}
