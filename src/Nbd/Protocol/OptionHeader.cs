namespace SnapshotGrains.Nbd;

/// <summary>The head of an option: what it is and how many bytes of data follow.</summary>
internal readonly record struct OptionHeader(NbdOption Option, uint Length)
{
    public const int Bytes = 16;
}
