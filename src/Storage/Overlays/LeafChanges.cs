namespace SnapshotGrains.Storage;

/// <summary>What became of a leaf's blocks since the last commit.</summary>
internal struct LeafChanges
{
    /// <summary>Blocks whose entry changed.</summary>
    public LeafBits Dirty;

    /// <summary>Those among them that were the parent's before.</summary>
    public LeafBits Fresh;
}
