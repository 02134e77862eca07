namespace SnapshotGrains;

/// <summary>A server and the cluster it belongs to; the answer of <c>GET /v1/status</c>.</summary>
/// <param name="Version">The server's version.</param>
/// <param name="Engine">Which grain engine runs: <c>InProcess</c> or <c>Orleans</c>.</param>
/// <param name="StartedAt">When the server started.</param>
/// <param name="ImageCenter">Where its images are.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Disks">Number of disks.</param>
/// <param name="Nodes">The cluster's silos that answer.</param>
/// <param name="Reads">What this server read for its guests.</param>
/// <param name="Nbd">Its NBD server.</param>
public sealed record ServerStatus(
    string Version,
    string Engine,
    DateTimeOffset StartedAt,
    string ImageCenter,
    long Images,
    long Disks,
    IReadOnlyList<NodeInfo> Nodes,
    ReadInfo Reads,
    NbdInfo Nbd);
