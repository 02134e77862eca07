namespace SnapshotGrains.Silo;

/// <summary>Where a silo's certificate is, as PEM files.</summary>
/// <param name="Certificate">The certificate, then those between it and its root.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Ca">The root certificates by which it knows other silos and NBD clients; null for none.</param>
public sealed record TlsFiles(string Certificate, string Key, string? Ca);
