using SnapshotGrains.Client;

namespace SnapshotGrains.Silo;

/// <summary>Where the images are, and how to get in.</summary>
/// <param name="Place">The directory, or the address.</param>
/// <param name="Http">The address, if it is a web server; else null.</param>
/// <param name="Token">Where the token is that it asks for; null: it asks for none.</param>
/// <param name="Ca">PEM file of the roots that its certificate must come from; null: the system's choice.</param>
public sealed record CenterAddress(string Place, Uri? Http, AccessTokenSource? Token, string? Ca);
