namespace SnapshotGrains;

/// <summary>An NBD server; counters since it started.</summary>
/// <param name="Endpoints">URIs to reach it by, without the export's name.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="Requests">Requests answered.</param>
/// <param name="Errors">Of these, answered with an error.</param>
public sealed record NbdInfo(IReadOnlyList<string> Endpoints, long Connections, long Requests, long Errors);
