using System.Text;

namespace SnapshotGrains.Storage;

/// <summary>Reads what files hold.</summary>
internal static class FileBytes
{
    private const int MaxLinkBytes = 4096;

    /// <summary>A file's first bytes, as they lie one after the other.</summary>
    public static async ValueTask<byte[]> ReadAsync(ImageView view, FileNode node, long maxBytes)
    {
        if (node.Inline.Length > 0)
        {
            return node.Inline;
        }

        var bytes = new List<byte>();
        foreach (var range in node.Ranges)
        {
            var length = Math.Min(range.Length, Math.Min(node.SizeBytes, maxBytes) - bytes.Count);
            if (length <= 0)
            {
                break;
            }

            bytes.AddRange(await view.ReadAsync(range.Offset, length).ConfigureAwait(false));
        }

        return [.. bytes];
    }

    /// <summary>Where a symbolic link leads.</summary>
    public static async ValueTask<string> LinkAsync(ImageView view, FileNode link)
    {
        var bytes = await ReadAsync(view, link, MaxLinkBytes).ConfigureAwait(false);
        return Encoding.UTF8.GetString(bytes, 0, (int)Math.Min(bytes.Length, link.SizeBytes));
    }
}
