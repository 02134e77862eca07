namespace SnapshotGrains.Storage;

/// <summary>
/// The map on disk: a checkpoint and a journal of commits behind it. A new checkpoint is a new file that replaces the
/// old one by its name, so that there is a whole map at every moment. Used by one thread at a time.
/// </summary>
internal sealed class MapFile(IBlockFileSystem files, OverlayPaths paths, long minJournalBytes) : IDisposable
{
    private IBlockFile? _file;
    private MapPage _next;
    private uint _checkpointPages;
    private IBlockFile? _fresh;
    private MapPage _freshNext;

    /// <summary>True when the overlay has a map on disk.</summary>
    public bool Exists => _file is not null;

    /// <summary>The last that the file says is that its owner closed it.</summary>
    public bool EndsClosed { get; private set; }

    /// <summary>Length in bytes of what has been committed.</summary>
    public long LengthBytes => _file is null ? 0 : (long)_next.Index * OverlayLayout.PagePairBytes;

    /// <summary>True when the journal is long enough to be worth a checkpoint.</summary>
    public bool IsJournalLong
    {
        get
        {
            var journal = (long)(_next.Index - 1 - _checkpointPages) * OverlayLayout.PagePairBytes;
            return journal > minJournalBytes && journal > (long)_checkpointPages * OverlayLayout.PagePairBytes;
        }
    }

    /// <summary>Takes over a file that was loaded.</summary>
    public void Adopt(IBlockFile file, MapLoader loader)
    {
        _file = file;
        _next = loader.Next;
        EndsClosed = loader.IsClean;
        _checkpointPages = loader.Header.CheckpointPages;
    }

    /// <summary>
    /// Begins a commit. Its number is never used again, so that pages of an attempt that failed are told from those
    /// of the one that succeeds.
    /// </summary>
    public void BeginCommit(MapPageBuilder pages)
    {
        _next = _next with { Commit = _next.Commit + 1 };
        pages.Begin(_next);
    }

    /// <summary>Writes the pages behind the journal; they count from <see cref="EndCommit"/> on.</summary>
    public void Append(MapPageBuilder pages) =>
        _file!.Write((long)_next.Index * OverlayLayout.PagePairBytes, pages.Finish(endsCommit: true));

    /// <summary>Makes the pages durable.</summary>
    public void EndCommit(MapPageBuilder pages, bool isLast)
    {
        _file!.Flush();
        EndsClosed = isLast;
        var index = _next.Index + (uint)pages.Pages;
        _next = _next with { Index = index, CommitStart = index };
    }

    /// <summary>Begins a new file.</summary>
    public void BeginCheckpoint(MapPageBuilder pages)
    {
        AbandonCheckpoint();
        _fresh = files.Create(paths.NewMap);
        _freshNext = new(_next.Generation + 1, 1, 1, 1);
        pages.Begin(_freshNext);
    }

    /// <summary>Writes the pages so far to the new file.</summary>
    public void AppendCheckpoint(MapPageBuilder pages)
    {
        _fresh!.Write((long)_freshNext.Index * OverlayLayout.PagePairBytes, pages.Finish(endsCommit: false));
        _freshNext = _freshNext with { Index = _freshNext.Index + (uint)pages.Pages };
        pages.Begin(_freshNext);
    }

    /// <summary>Completes the new file; it is durable but has not got its name yet.</summary>
    public void EndCheckpoint(Guid diskId, long sizeBytes, long epoch, in SourceCounts progress)
    {
        var header = new byte[OverlayLayout.PagePairBytes];
        new MapHeader(diskId, sizeBytes, epoch, _freshNext.Generation, _freshNext.Index - 1, progress).Write(header);
        _fresh!.Write(0, header);
        _fresh.Flush();
    }

    /// <summary>
    /// Puts the new file in the place of the old. When this fails nobody knows which one a crash leaves.
    /// </summary>
    public void PublishCheckpoint()
    {
        files.Replace(paths.NewMap, paths.Map);
        files.FlushDirectory(paths.Directory);
        _file?.Dispose();
        _file = _fresh;
        _fresh = null;
        EndsClosed = false;
        _checkpointPages = _freshNext.Index - 1;
        _next = _freshNext with { CommitStart = _freshNext.Index };
    }

    /// <summary>Throws an unfinished new file away.</summary>
    public void AbandonCheckpoint()
    {
        _fresh?.Dispose();
        _fresh = null;
        files.Delete(paths.NewMap);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _fresh?.Dispose();
    }
}
