namespace SnapshotGrains.Nbd;

/// <summary>Data of NBD_OPT_INFO and NBD_OPT_GO. Unknown information types are left out.</summary>
internal readonly record struct InfoRequest(
    string ExportName, bool WantsName, bool WantsDescription, bool WantsBlockSize);
