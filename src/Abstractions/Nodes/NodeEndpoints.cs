using System.Collections.Immutable;
using Orleans;

namespace SnapshotGrains;

/// <summary>Where the process of a silo is reached by others.</summary>
/// <param name="Http">Address of its HTTP API, as <c>http://10.0.0.7:8080</c>.</param>
/// <param name="Nbd">URIs of its NBD server, without the export's name.</param>
[Immutable, GenerateSerializer, Alias("snapgrains.NodeEndpoints")]
public sealed record NodeEndpoints(
    [property: Id(0)] Uri Http,
    [property: Id(1)] ImmutableArray<string> Nbd);
