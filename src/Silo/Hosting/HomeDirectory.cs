namespace SnapshotGrains.Silo.Hosting;

/// <summary>The directory of disks' blocks has a name, so that the processes that share one know it.</summary>
internal static class HomeDirectory
{
    private const string FileName = "home";

    /// <summary>The directory's name, given when it is first used.</summary>
    /// <exception cref="IOException">It cannot be read or written, or is damaged.</exception>
    public static Guid NameOf(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            // Whole or not at all, and whoever comes first: another process may be doing the same.
            var draft = $"{path}.{Guid.NewGuid():n}";
            File.WriteAllText(draft, $"{Guid.NewGuid()}\n");
            try
            {
                File.Move(draft, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(draft);
            }
        }

        var text = File.ReadAllText(path).Trim();
        return Guid.TryParse(text, out var name) ? name : throw new IOException(
            $"{path} should name the directory, and has '{text}'; restore it, or the disks in it cannot be found.");
    }
}
