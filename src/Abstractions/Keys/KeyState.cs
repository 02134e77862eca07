namespace SnapshotGrains;

/// <summary>Where a key is in its life.</summary>
public enum KeyState
{
    /// <summary>Data is read and written under it.</summary>
    Active = 0,

    /// <summary>Nothing is read or written under it any more.</summary>
    Revoked = 1,
}
