namespace SnapshotGrains.Storage;

/// <summary>
/// A file system to look files up in. All that is wrong with it, and all that we do not know of it, is a
/// <see cref="NoGuessException"/>.
/// </summary>
internal interface IFileTree
{
    /// <summary>The file system.</summary>
    ImageView View { get; }

    /// <summary>What is read to mount it, in order.</summary>
    IReadOnlyList<ByteRange> Metadata { get; }

    /// <summary>The root directory.</summary>
    ValueTask<FileNode> RootAsync();

    /// <summary>What a directory holds: names, without those of itself and its parent, and where they lead.</summary>
    ValueTask<IReadOnlyList<(string Name, long Node)>> ListAsync(FileNode directory);

    /// <summary>What a name leads to.</summary>
    ValueTask<FileNode> OpenAsync(long node);
}
