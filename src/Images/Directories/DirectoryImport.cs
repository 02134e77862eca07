using SnapshotGrains.Storage;

namespace SnapshotGrains.Images;

/// <summary>One import into a directory image center: its state, and the steps from content to manifest.</summary>
internal sealed partial class DirectoryImport : IDisposable
{
    private const long ReportEveryBytes = 8 << 20;

    private readonly ImportRequest _request;
    private readonly Manifest? _existing;
    private readonly DedupIndex _elsewhere;
    private readonly DedupIndex _here;
    private readonly IImageSource _stored;
    private readonly PackWriter _pack;
    private readonly SegmentMapBuilder _map;
    private readonly List<PackLocation> _locations = [];
    private readonly HashSet<PackId> _reopened = [];
    private readonly byte[] _comparison;
    private long _bytesRead;
    private long _reportedBytes;
    private long _duplicates;

    public DirectoryImport(
        ImportRequest request, Manifest? existing, DedupIndex elsewhere, IImageSource stored, PackWriter pack,
        int maxDedupEntries)
    {
        _request = request;
        _existing = existing;
        _elsewhere = elsewhere;
        _here = new DedupIndex(maxDedupEntries);
        _stored = stored;
        _pack = pack;
        _map = new SegmentMapBuilder(request.SegmentSizeBytes);
        _comparison = new byte[request.SegmentSizeBytes];
    }

    /// <summary>A segment is not, or not any more, where the existing image of that name says.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>Reads the content to its end and stores what is new; returns the manifest to be.</summary>
    public async Task<Manifest> RunAsync(int bufferBytes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var reader = _request.Reader ?? new StreamImageReader(_request.Content!, _request.LengthBytes);
        if (_request.LengthBytes is { } length && reader.LengthBytes is { } actual && length != actual)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest, $"The content has {actual} bytes, but {length} were announced.");
        }

        VerifyCount(SegmentMap.CountSegments(reader.LengthBytes ?? 0, _request.SegmentSizeBytes));
        var pipeline = new SegmentPipeline(
            reader, _request.Base?.Map, _request.SegmentSizeBytes, bufferBytes);
        await foreach (var segment in pipeline.RunAsync(cancellationToken).ConfigureAwait(false))
        {
            await AddAsync(segment, cancellationToken).ConfigureAwait(false);
            Report(reader.LengthBytes, atEnd: false);
        }

        var map = _map.Build(_bytesRead);
        if (_existing is not null && (!_existing.Map.ContentEquals(map) || _existing.Key != _request.Key))
        {
            throw AlreadyExists(_existing);
        }

        Report(reader.LengthBytes, atEnd: true);
        return Manifest.Create(
            _request.Name, _request.Snap, ManifestHeader.FitSource(_request.Source), now, map,
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_locations),
            _pack.StoredBytes + (_existing?.StoredBytes ?? 0), _request.Key);
    }

    /// <summary>Puts the pack in its place; the manifest may refer to it from now on.</summary>
    public void CommitPack() => _pack.Commit();

    /// <summary>Takes the pack back: no manifest will refer to it.</summary>
    public void RevokePack() => _pack.Revoke();

    public void Dispose() => _pack.Dispose();

    public static ImageCenterException AlreadyExists(Manifest existing) => new(
        ImageErrorCode.AlreadyExists,
        $"Image {existing} exists with other content ({existing.Map.SizeBytes} bytes in segments of " +
        $"{existing.Map.SegmentSizeBytes}); delete it first, or import under another name.")
    {
        Image = existing.ToString(),
    };

    private async ValueTask AddAsync(ImportedSegment segment, CancellationToken cancellationToken)
    {
        VerifyCount(_map.Count + segment.Count);
        switch (segment.Origin)
        {
            case SegmentOrigin.Zero:
                AddZeros(segment);
                break;
            case SegmentOrigin.Base:
                AddBase(segment.Count);
                break;
            default:
                VerifyAgainstExisting(segment);
                var known = _existing?.LocationOf(_map.Count);
                AddData(segment, known, await StoreAsync(segment, known, cancellationToken).ConfigureAwait(false));
                break;
        }
    }

    private void AddZeros(in ImportedSegment run)
    {
        VerifyAgainstExisting(run);
        _bytesRead += run.LengthBytes;
        _map.AddZero(run.Count);
    }

    private void AddData(in ImportedSegment segment, PackLocation? known, in PackLocation location)
    {
        HasMoved |= location != known;
        _bytesRead += segment.LengthBytes;
        _map.AddData(segment.Digest);
        _locations.Add(location);
    }

    private void VerifyCount(long segments)
    {
        if (segments > SegmentMap.MaxSegmentCount)
        {
            throw new ImageCenterException(
                ImageErrorCode.BadRequest,
                $"{_request.Name}@{_request.Snap} needs more than {SegmentMap.MaxSegmentCount} segments of " +
                $"{_request.SegmentSizeBytes} bytes; use larger ones.");
        }
    }

    /// <summary>A name that holds other content is refused at the first segment that differs, not at the end.</summary>
    private void VerifyAgainstExisting(in ImportedSegment segment)
    {
        if (_existing is null)
        {
            return;
        }

        var map = _existing.Map;
        var n = _map.Count;
        var agrees = _bytesRead + segment.LengthBytes <= map.SizeBytes && (segment.Origin == SegmentOrigin.Zero
            ? map.NextData(n) >= n + segment.Count
            : !map.IsZero(n) && map.DigestOf(n) == segment.Digest);
        if (!agrees)
        {
            throw AlreadyExists(_existing);
        }
    }

    /// <summary>Where the segment is kept: where it is intact already, or else in the new pack.</summary>
    private async ValueTask<PackLocation> StoreAsync(
        ImportedSegment segment, PackLocation? known, CancellationToken cancellationToken)
    {
        if (_here.TryFind(segment.Digest, out var location))
        {
            _duplicates++;
            return location;
        }

        if (known is { } own && await IsIntactAsync(own, segment.Data, cancellationToken).ConfigureAwait(false))
        {
            _duplicates++;
            location = own;
        }
        else if (_elsewhere.TryFind(segment.Digest, out location)
            && await IsIntactAsync(location, segment.Data, cancellationToken).ConfigureAwait(false))
        {
            _duplicates++;
        }
        else
        {
            var offset = await _pack.AppendAsync(segment.Data, cancellationToken).ConfigureAwait(false);
            location = new PackLocation(_pack.Id, offset, segment.Data.Length);
        }

        _here.Set(segment.Digest, location);
        return location;
    }

    /// <summary>
    /// Compares what is stored with what should be: sharing a damaged copy would damage this image too. A copy that
    /// cannot be read is no error here, it is stored anew.
    /// </summary>
    private async ValueTask<bool> IsIntactAsync(
        PackLocation location, ReadOnlyMemory<byte> expected, CancellationToken cancellationToken)
    {
        if (location.Length != expected.Length)
        {
            return false;
        }

        if (_reopened.Add(location.Pack))
        {
            // A handle from before this import may lead to a pack that another process has deleted since.
            _stored.Forget(location.Pack);
        }

        var stored = _comparison.AsMemory(0, location.Length);
        try
        {
            await _stored.ReadAsync(location.Pack, location.Offset, stored, cancellationToken).ConfigureAwait(false);
        }
        catch (ImageCenterException)
        {
            return false;
        }

        return stored.Span.SequenceEqual(expected.Span);
    }

    private void Report(long? totalBytes, bool atEnd)
    {
        if (_request.Progress is null || (!atEnd && _bytesRead - _reportedBytes < ReportEveryBytes))
        {
            return;
        }

        _reportedBytes = _bytesRead;
        _request.Progress.Report(new ImportProgress(
            _bytesRead, totalBytes, _locations.Count, _map.Count - _locations.Count, _duplicates, _pack.StoredBytes));
    }
}
