namespace SnapshotGrains.Engine.Tests.Surface;

/// <summary>The checked-in list of what the in-process engine declares.</summary>
internal static class OrleansApi
{
    public const string FileName = "OrleansApi.txt";

    public static string[] Read()
    {
        using var stream = typeof(OrleansApi).Assembly.GetManifestResourceStream(
            $"{typeof(OrleansApi).Assembly.GetName().Name}.{FileName}")
            ?? throw new FileNotFoundException($"{FileName} is not embedded in the tests.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
