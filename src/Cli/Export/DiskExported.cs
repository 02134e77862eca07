namespace SnapshotGrains.Cli.Export;

/// <summary>What <c>disk export --json</c> prints.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="File">The file it was copied to.</param>
/// <param name="SizeBytes">The file's size.</param>
/// <param name="DataBytes">Bytes of it that were transferred; the rest are holes.</param>
internal sealed record DiskExported(string Disk, string File, long SizeBytes, long DataBytes);
