using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests.FileSystems;

/// <summary>
/// File systems as their own tools make them, with the files that a guest starts from; and where these are, found by
/// what is in them.
/// </summary>
internal sealed class FileSystemImage : IDisposable
{
    public const int SegmentBytes = 64 << 10;

    /// <summary>Files by path, each of which begins and ends with what no other has.</summary>
    public static readonly IReadOnlyDictionary<string, int> BootFiles = new Dictionary<string, int>
    {
        ["boot/vmlinuz-6.1"] = 300_000,
        ["boot/initrd.img-6.1"] = 500_000,
        ["boot/grub/grub.cfg"] = 5_000,
        ["usr/lib/systemd/systemd"] = 90_000,
        ["usr/lib/x86_64-linux-gnu/libc.so.6"] = 150_000,
    };

    /// <summary>Files that nobody starts from.</summary>
    public static readonly IReadOnlyDictionary<string, int> OtherFiles = new Dictionary<string, int>
    {
        ["boot/vmlinuz-5.9"] = 300_000,
        ["home/video"] = 3_000_000,
    };

    private readonly TempDirectory _directory = new();

    public string Tree => _directory["tree"];

    public string Path => _directory["fs.raw"];

    public string Prototype => _directory["proto"];

    public byte[] Bytes { get; private set; } = [];

    /// <summary>Writes the files into a folder, with links as a Debian has them.</summary>
    public void MakeTree(bool hasLinks)
    {
        foreach (var (path, length) in BootFiles.Concat(OtherFiles))
        {
            var file = System.IO.Path.Combine(Tree, path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, ContentOf(path, length));
        }

        if (hasLinks)
        {
            Directory.CreateDirectory(System.IO.Path.Combine(Tree, "usr/sbin"));
            File.CreateSymbolicLink(System.IO.Path.Combine(Tree, "usr/sbin/init"), "/lib/systemd/systemd");
            Directory.CreateSymbolicLink(System.IO.Path.Combine(Tree, "lib"), "usr/lib");
            Directory.CreateSymbolicLink(System.IO.Path.Combine(Tree, "sbin"), "usr/sbin");
        }
    }

    public async Task MakeAsync(long sizeBytes, string tool, params string[] arguments)
    {
        using (var file = File.Create(Path))
        {
            file.SetLength(sizeBytes);
        }

        (await Tools.RunAsync(tool, arguments)).ShouldSucceed();
        Bytes = await File.ReadAllBytesAsync(Path);
    }

    /// <summary>The segments that have something of a file.</summary>
    public IEnumerable<long> SegmentsOf(string path, int length)
    {
        var content = ContentOf(path, length);
        for (var at = 0; at < length; at += 4096)
        {
            var found = Bytes.AsSpan().IndexOf(content.AsSpan(at, Math.Min(4096, length - at)));
            found.Should().BeGreaterThan(0, "{0} is in the image", path);
            yield return found / SegmentBytes;
        }
    }

    public Task<IReadOnlyList<long>> GuessAsync() => GuessAsync(Bytes);

    public static async Task<IReadOnlyList<long>> GuessAsync(ReadOnlyMemory<byte> bytes) =>
        await ImageGuess.SegmentsAsync(
            (offset, destination, _) =>
            {
                bytes.Slice((int)offset, destination.Length).CopyTo(destination);
                return default;
            },
            bytes.Length, SegmentBytes, CancellationToken.None);

    public void Dispose() => _directory.Dispose();

    private static byte[] ContentOf(string path, int length)
    {
        var bytes = new byte[length];
        new Random(path.Sum(letter => letter)).NextBytes(bytes);
        return bytes;
    }
}
