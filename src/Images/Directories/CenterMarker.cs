using System.Text;
using System.Text.Json;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>The file that makes a directory an image center, and says in which version of the format.</summary>
internal static class CenterMarker
{
    private const string Format = "snapshotgrains-image-center";
    private const int Version = 1;

    /// <summary>Checks the marker; writes one into a directory that is empty or does not exist.</summary>
    public static async Task VerifyOrCreateAsync(
        CenterLayout layout, bool createIfMissing, CancellationToken cancellationToken)
    {
        if (!File.Exists(layout.MarkerFile))
        {
            if (!createIfMissing)
            {
                throw new ImageCenterException(
                    ImageErrorCode.NotFound, $"'{layout.Root}' is no image center: it has no center.json.");
            }

            await CreateAsync(layout, cancellationToken).ConfigureAwait(false);
        }

        var text = await File.ReadAllTextAsync(layout.MarkerFile, cancellationToken).ConfigureAwait(false);
        Verify(layout.MarkerFile, text);
        if (createIfMissing)
        {
            Directory.CreateDirectory(layout.Packs);
            Directory.CreateDirectory(layout.Images);
            Directory.CreateDirectory(layout.Locks);
        }
    }

    private static async Task CreateAsync(CenterLayout layout, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(layout.Root);
        var foreign = Directory.EnumerateFileSystemEntries(layout.Root).Select(Path.GetFileName)
            .FirstOrDefault(name => name is not ("lost+found" or "center.json") && !name!.StartsWith('.'));
        if (foreign is not null)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest,
                $"'{layout.Root}' is no image center and not empty (it holds '{foreign}'); name an empty directory.");
        }

        var temporary = layout.TemporaryFile(layout.MarkerFile);
        var text = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["format"] = Format,
            ["version"] = Version,
        });
        try
        {
            await WriteAsync(temporary, text + "\n", cancellationToken).ConfigureAwait(false);

            // Two processes may create at once: they write the same bytes, so it does not matter who is last.
            File.Move(temporary, layout.MarkerFile, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        DirectoryFlush.Flush(layout.Root);
    }

    /// <summary>The bytes are on the disk before the rename can be: no crash leaves an empty marker.</summary>
    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        await RandomAccess.WriteAsync(file, Encoding.UTF8.GetBytes(text), 0, cancellationToken).ConfigureAwait(false);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Checks the marker's text.</summary>
    /// <param name="where">Where it is, for messages.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="ImageCenterException">Corrupt, UnsupportedVersion.</exception>
    public static void Verify(string where, string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var version = json.RootElement.GetProperty("version").GetInt32();
            if (json.RootElement.GetProperty("format").GetString() != Format)
            {
                throw Damaged(where, "it names another format", null);
            }

            if (version != Version)
            {
                throw new ImageCenterException(
                    ImageErrorCode.UnsupportedVersion,
                    $"'{where}' has version {version}; this program reads version {Version}.");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException)
        {
            throw Damaged(where, e.Message, e);
        }
    }

    private static ImageCenterException Damaged(string where, string reason, Exception? cause) => new(
        ImageErrorCode.Corrupt, $"'{where}' is damaged: {reason}. Restore it.", cause);
}
