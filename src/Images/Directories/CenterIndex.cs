using System.Text.Json;
using System.Text.Json.Serialization;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// The file that names all images, so that a reader behind a web server, which lists no directories, finds them. The
/// manifests are the record and this is a copy: it is made of a listing of them each time, under the commit lock, so
/// that what a crash left out is there the next time. docs/FORMATS.md, "Index".
/// </summary>
internal sealed record CenterIndex(
    [property: JsonPropertyName("format")] string Format,
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("images")] IReadOnlyList<string> Images)
{
    private const string FormatName = "snapshotgrains-image-index";
    private const int CurrentVersion = 1;
    private const char Separator = '@';

    /// <summary>Brings a directory's index up to date. To be called with the commit lock held.</summary>
    public static void Update(CenterLayout layout)
    {
        var names = layout.EnumerateImages().Select(image => $"{image.Name}{Separator}{image.Snap}")
            .Order(StringComparer.Ordinal).ToList();
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new CenterIndex(FormatName, CurrentVersion, names));
        if (File.Exists(layout.IndexFile) && File.ReadAllBytes(layout.IndexFile).AsSpan().SequenceEqual(bytes))
        {
            return;
        }

        foreach (var stale in layout.EnumerateTemporaryIndexes())
        {
            File.Delete(stale);
        }

        var temporary = layout.TemporaryFile(layout.IndexFile);
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, bytes, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporary, layout.IndexFile, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DirectoryFlush.Flush(layout.Root);
    }

    /// <summary>The images that an index names.</summary>
    /// <exception cref="CorruptFormatException">It is no index, or of another version.</exception>
    public static IReadOnlyList<(string Name, string Snap)> Read(ReadOnlySpan<byte> bytes)
    {
        CenterIndex? index;
        try
        {
            index = JsonSerializer.Deserialize<CenterIndex>(bytes);
        }
        catch (JsonException error)
        {
            throw new CorruptFormatException("index", error.BytePositionInLine ?? 0, error.Message);
        }

        if (index is not { Format: FormatName, Version: CurrentVersion, Images: { } images })
        {
            throw new CorruptFormatException("index", 0, "it names another format or version");
        }

        return [.. images.Select(Parse)];
    }

    private static (string Name, string Snap) Parse(string text) =>
        text?.Split(Separator) is [var name, var snap] && ImageName.IsValid(name) && ImageName.IsValid(snap)
            ? (name, snap)
            : throw new CorruptFormatException("index", 0, $"'{text}' is no image");
}
