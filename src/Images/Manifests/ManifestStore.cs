using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>
/// Manifests in a local directory, within a limit in bytes; those written first make room. A manifest has checksums of
/// its own, so one that was torn or altered counts as absent. It never fails its caller. Thread-safe.
/// </summary>
/// <param name="directory">The directory, which nobody else uses; created when it is needed.</param>
/// <param name="limitBytes">Most bytes of its files, in whole blocks, those being written included.</param>
public sealed class ManifestStore(string directory, long limitBytes)
{
    private const int BlockBytes = 4096;
    private const string Suffix = ".manifest";
    private const string TemporaryName = "tmp";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Digest> _known = [];

    /// <summary>Keeps a manifest, in the place of one of that name; writes nothing if it is kept already.</summary>
    /// <returns>Whether it is kept: not where the limit is too small for it, or the disk fails.</returns>
    public bool Keep(Manifest manifest)
    {
        using var bytes = new MemoryStream();
        manifest.WriteTo(bytes);
        var content = Digest.Compute(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        var path = PathOf(manifest.Name, manifest.Snap);
        lock (_gate)
        {
            return (_known.TryGetValue(path, out var known) && known == content && File.Exists(path))
                || TryWrite(path, bytes, content);
        }
    }

    /// <summary>The manifest as it was kept; null if it is not there, or damaged.</summary>
    public Manifest? Find(string name, string snap)
    {
        try
        {
            lock (_gate)
            {
                using var file = File.OpenRead(PathOf(name, snap));
                using var buffered = new BufferedStream(file);
                var manifest = Manifest.Read(buffered);
                return manifest.Name == name && manifest.Snap == snap ? manifest : null;
            }
        }
        catch (Exception error) when (IsOfDisk(error) || error is CorruptFormatException)
        {
            return null;
        }
    }

    /// <summary>Forgets a manifest, if it is there.</summary>
    public void Remove(string name, string snap)
    {
        var path = PathOf(name, snap);
        lock (_gate)
        {
            _known.Remove(path);
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (IsOfDisk(error))
            {
                // Asked again, the image center will say again that there is none.
            }
        }
    }

    private static bool IsOfDisk(Exception error) => error is IOException or UnauthorizedAccessException;

    private static long CostOf(long bytes) => (bytes + BlockBytes - 1) / BlockBytes * BlockBytes;

    /// <summary>A name has neither a slash nor an '@'.</summary>
    private string PathOf(string name, string snap) => Path.Combine(directory, $"{name}@{snap}{Suffix}");

    private bool TryWrite(string path, MemoryStream bytes, Digest content)
    {
        var temporary = Path.Combine(directory, TemporaryName);
        try
        {
            Directory.CreateDirectory(directory);
            File.Delete(temporary);
            if (!MakeRoom(CostOf(bytes.Length)))
            {
                return false;
            }

            using (var file = File.Create(temporary))
            {
                bytes.WriteTo(file);
            }

            File.Move(temporary, path, overwrite: true);
            _known[path] = content;
            return true;
        }
        catch (Exception error) when (IsOfDisk(error))
        {
            return false;
        }
    }

    /// <summary>The old one counts until it is replaced.</summary>
    private bool MakeRoom(long bytes)
    {
        var files = new DirectoryInfo(directory).GetFiles().OrderBy(file => file.LastWriteTimeUtc).ToArray();
        var used = BlockBytes + files.Sum(file => CostOf(file.Length)); // a block for the directory
        foreach (var file in files)
        {
            if (used + bytes <= limitBytes)
            {
                break;
            }

            used -= CostOf(file.Length);
            _known.Remove(file.FullName);
            file.Delete();
        }

        return used + bytes <= limitBytes;
    }
}
