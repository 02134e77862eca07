namespace SnapshotGrains.Nbd;

/// <summary>One line of NBD_OPT_LIST.</summary>
/// <param name="Name">The export's name, at most 4096 bytes of UTF-8.</param>
/// <param name="Description">A sentence for people, or empty.</param>
public sealed record NbdExportSummary(string Name, string Description = "");
