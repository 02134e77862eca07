namespace SnapshotGrains.Nbd;

/// <summary>Types of information in NBD_REP_INFO.</summary>
internal enum NbdInfoType : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}
