namespace SnapshotGrains.Nbd;

/// <summary>
/// Data of NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT, reduced to what a server with the one context
/// base:allocation has to know.
/// </summary>
/// <param name="ExportName">The export that the contexts are for.</param>
/// <param name="QueryCount">How many queries there were.</param>
/// <param name="NamesAllocation">A query was "base:allocation".</param>
/// <param name="NamesBaseWildcard">A query was "base:".</param>
internal readonly record struct MetaContextRequest(
    string ExportName, uint QueryCount, bool NamesAllocation, bool NamesBaseWildcard);
