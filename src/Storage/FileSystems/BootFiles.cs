namespace SnapshotGrains.Storage;

/// <summary>
/// What of a file system a guest reads to start: what is read to mount it, the boot loader, kernel and initial RAM
/// disk, the first program and what that is linked to.
/// </summary>
/// <param name="tree">The file system.</param>
internal sealed class BootFiles(IFileTree tree)
{
    private const int MaxFileBytes = 128 << 20;
    private const int MaxLinks = 8;
    private const int MaxFilesOfFolder = 64;
    private const int MaxDepth = 4;

    /// <summary>Folders of which all files are the boot loader's.</summary>
    private static readonly string[] LoaderFolders = ["EFI", "boot/grub", "boot/grub2", "grub", "grub2", "loader"];

    /// <summary>Where kernels are, and in which order their parts are read.</summary>
    private static readonly string[] KernelFolders = ["", "boot"];
    private static readonly string[] KernelParts = ["vmlinuz", "initrd", "initramfs"];

    private static readonly string[] FirstPrograms =
    [
        "sbin/init", "usr/lib/systemd/systemd", "lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1",
        "usr/lib/x86_64-linux-gnu/libc.so.6", "usr/lib/aarch64-linux-gnu/libc.so.6", "usr/lib64/libc.so.6",
        "lib/ld-musl-x86_64.so.1", "bin/sh", "usr/lib/systemd/systemd-udevd", "usr/lib/systemd/systemd-journald",
        "usr/bin/udevadm", "usr/bin/mount", "bin/busybox", "etc/fstab", "etc/passwd", "etc/ld.so.cache",
    ];

    private readonly List<ByteRange> _found = [];
    private readonly Dictionary<string, IReadOnlyList<(string Name, long Node)>> _listed = [];

    /// <summary>Their bytes, in the order in which they are read, as those of the image.</summary>
    /// <exception cref="NoGuessException">The file system is damaged.</exception>
    public async ValueTask<IReadOnlyList<ByteRange>> FindAsync()
    {
        _found.AddRange(tree.Metadata);
        var root = await tree.RootAsync().ConfigureAwait(false);
        Add(root);
        foreach (var folder in LoaderFolders)
        {
            await AddFolderAsync(root, folder, MaxDepth).ConfigureAwait(false);
        }

        foreach (var folder in KernelFolders)
        {
            await AddKernelAsync(root, folder).ConfigureAwait(false);
        }

        foreach (var path in FirstPrograms)
        {
            AddFile(await ResolveAsync(root, path).ConfigureAwait(false));
        }

        return [.. _found.Select(range => tree.View.At(range.Offset, range.Length))];
    }

    private async ValueTask AddFolderAsync(FileNode root, string path, int depthLeft)
    {
        if (depthLeft == 0 || await ResolveAsync(root, path).ConfigureAwait(false)
            is not { Kind: FileKind.Directory } folder)
        {
            return;
        }

        Add(folder);
        foreach (var (name, node) in (await ListAsync(path, folder).ConfigureAwait(false)).Take(MaxFilesOfFolder))
        {
            var child = await tree.OpenAsync(node).ConfigureAwait(false);
            if (child.Kind == FileKind.Directory)
            {
                await AddFolderAsync(root, $"{path}/{name}", depthLeft - 1).ConfigureAwait(false);
            }

            AddFile(child);
        }
    }

    /// <summary>The newest by name: what else is there is for emergencies.</summary>
    private async ValueTask AddKernelAsync(FileNode root, string path)
    {
        if (await ResolveAsync(root, path).ConfigureAwait(false) is not { Kind: FileKind.Directory } folder)
        {
            return;
        }

        Add(folder);
        var names = await ListAsync(path, folder).ConfigureAwait(false);
        foreach (var part in KernelParts)
        {
            var newest = names.Select(entry => entry.Name)
                .Where(name => name.StartsWith(part, StringComparison.OrdinalIgnoreCase))
                .Max(StringComparer.Ordinal);
            if (newest is { } name)
            {
                AddFile(await ResolveAsync(root, $"{path}/{name}").ConfigureAwait(false));
            }
        }
    }

    private void AddFile(FileNode? file)
    {
        if (file is { Kind: FileKind.File, SizeBytes: <= MaxFileBytes })
        {
            Add(file);
        }
    }

    /// <summary>No more than its size says: what it has been given besides is never read.</summary>
    private void Add(FileNode node)
    {
        var left = node.SizeBytes;
        foreach (var range in node.Ranges)
        {
            if (left <= 0)
            {
                return;
            }

            tree.View.Step();
            _found.Add(range with { Length = Math.Min(range.Length, left) });
            left -= range.Length;
        }
    }

    /// <summary>What a path leads to, links followed; null when there is nothing.</summary>
    private async ValueTask<FileNode?> ResolveAsync(FileNode root, string path)
    {
        for (var (links, isDone) = (0, false); !isDone; links++)
        {
            if (links > MaxLinks)
            {
                throw new NoGuessException($"'{path}' has more than {MaxLinks} links");
            }

            (var node, path, isDone) = await WalkAsync(root, path).ConfigureAwait(false);
            if (isDone)
            {
                return node;
            }
        }

        return null;
    }

    /// <summary>Walks along a path up to its end, or to the first link on it, which it puts in its place.</summary>
    private async ValueTask<(FileNode? Node, string Path, bool IsDone)> WalkAsync(FileNode root, string path)
    {
        var (node, walked) = (root, "");
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < names.Length; i++)
        {
            if (node.Kind != FileKind.Directory || await FindAsync(walked, node, names[i]).ConfigureAwait(false)
                is not { } child)
            {
                return (null, path, true);
            }

            if (child.Kind == FileKind.Link)
            {
                var target = await FileBytes.LinkAsync(tree.View, child).ConfigureAwait(false);
                return (null, PathOf(walked, target, names[(i + 1)..]), false);
            }

            (node, walked) = (child, $"{walked}/{names[i]}");
        }

        return (node, path, true);
    }

    private static string PathOf(string folder, string target, string[] rest)
    {
        var start = target.StartsWith('/') ? "" : folder;
        var names = new List<string>();
        foreach (var name in $"{start}/{target}/{string.Join('/', rest)}"
            .Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == "..")
            {
                names.RemoveRange(Math.Max(0, names.Count - 1), Math.Min(1, names.Count));
            }
            else if (name != ".")
            {
                names.Add(name);
            }
        }

        return string.Join('/', names);
    }

    private async ValueTask<FileNode?> FindAsync(string path, FileNode folder, string name)
    {
        var names = await ListAsync(path, folder).ConfigureAwait(false);
        var found = names.FirstOrDefault(entry => entry.Name == name);
        return found.Name is null ? null : await tree.OpenAsync(found.Node).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<(string Name, long Node)>> ListAsync(string path, FileNode folder)
    {
        var known = path.Trim('/');
        if (!_listed.TryGetValue(known, out var names))
        {
            _listed[known] = names = await tree.ListAsync(folder).ConfigureAwait(false);
        }

        return names;
    }
}
