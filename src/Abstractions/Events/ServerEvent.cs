namespace SnapshotGrains;

/// <summary>Something that happened at a server.</summary>
/// <param name="Id">Rises with each event of the server; starts again when the server does.</param>
public abstract record ServerEvent(long Id);
