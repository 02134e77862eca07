namespace SnapshotGrains.Bench.Crypto;

/// <summary>One figure.</summary>
/// <param name="Path">Who computed.</param>
/// <param name="Direction">"encrypt" or "decrypt".</param>
/// <param name="Bytes">Bytes of a call.</param>
/// <param name="GibibytesPerSecond">What one core did.</param>
internal sealed record Result(string Path, string Direction, int Bytes, double GibibytesPerSecond);
