namespace SnapshotGrains.Images.Tests;

/// <summary>Reports at once, on the importing thread.</summary>
internal sealed class DirectProgress(Action<ImportProgress> report) : IProgress<ImportProgress>
{
    public void Report(ImportProgress value) => report(value);
}
