using System.Collections.Immutable;
using System.Security.Cryptography;
using SnapshotGrains.Grains.Snapshots;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Grains.Replicas;

/// <summary>
/// Proves that a derived replica holds its snapshot: gathers each of the snapshot's segments back from the replica,
/// undoes the replica's key, and compares with the digest that the manifest has.
/// </summary>
internal sealed class ReplicaVerifier : IDisposable
{
    /// <summary>
    /// So much of the snapshot is gathered at once, or one segment of it: a striped segment is then leased once for
    /// many of the snapshot's.
    /// </summary>
    private const int GroupBytes = 4 << 20;

    private const int Parallelism = 4;

    private readonly ReplicaSource _replica;
    private readonly BuildProgress _progress;
    private readonly byte[] _group;
    private readonly int _segmentsPerGroup;
    private readonly LogicalDigest _logical = new();
    private ISectorCipher? _from;
    private ISectorCipher? _to;
    private byte[] _scratch = [];

    public ReplicaVerifier(ReplicaSource replica, BuildProgress progress)
    {
        (_replica, _progress) = (replica, progress);
        _segmentsPerGroup = Math.Max(1, GroupBytes / Source.SegmentSizeBytes);
        _group = new byte[_segmentsPerGroup * Source.SegmentSizeBytes];
    }

    private SegmentMap Source => _replica.Map.Source;

    /// <summary>Verifies all of it.</summary>
    /// <returns>The logical digest of what the replica holds.</returns>
    /// <exception cref="ReplicaMismatchException">It does not hold the snapshot.</exception>
    /// <exception cref="SnapshotGrainsException">It cannot be read.</exception>
    public async Task<Digest> RunAsync(CancellationToken cancellationToken)
    {
        await OpenKeysAsync(cancellationToken).ConfigureAwait(false);
        for (var first = 0L; first < Source.SegmentCount; first += _segmentsPerGroup)
        {
            var end = Math.Min(Source.SegmentCount, first + _segmentsPerGroup);
            await VerifyGroupAsync(first, end, cancellationToken).ConfigureAwait(false);
        }

        return _logical.Finish();
    }

    /// <summary>Nobody finds plaintext in memory that is free again.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_group);
        CryptographicOperations.ZeroMemory(_scratch);
        _logical.Dispose();
    }

    private async ValueTask OpenKeysAsync(CancellationToken cancellationToken)
    {
        var (key, sourceKey) = (_replica.Id.Key, ImageDescription.KeyOf(_replica.Manifest.Key));
        if (key == sourceKey)
        {
            return;
        }

        var open = _replica.Inputs.OpenKey;
        _from = key is null ? null : await open(key, cancellationToken).ConfigureAwait(false);
        if (sourceKey is not null)
        {
            _to = await open(sourceKey, cancellationToken).ConfigureAwait(false);
            _scratch = new byte[Source.SegmentSizeBytes];
        }
    }

    private async Task VerifyGroupAsync(long first, long end, CancellationToken cancellationToken)
    {
        var start = first * Source.SegmentSizeBytes;
        var stop = Math.Min(Source.SizeBytes, end * Source.SegmentSizeBytes);
        var segments = GatherPiece.SegmentsOf(_replica.Map, start, stop).ToArray();
        if (segments.Length > 0)
        {
            _group.AsSpan().Clear();
            await Parallel.ForEachAsync(
                segments,
                new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
                (n, token) => GatherAsync(n, start, stop, token)).ConfigureAwait(false);
            if (_from is not null)
            {
                SparseSectors.Decrypt(_from, _group, _group, start / StripeLayout.MinUnitBytes);
            }
        }

        for (var n = first; n < end; n++)
        {
            await VerifyAsync(n, (int)((n - first) * Source.SegmentSizeBytes), segments.Length > 0, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask GatherAsync(long n, long start, long stop, CancellationToken cancellationToken)
    {
        var pieces = GatherPiece.Of(_replica.Map, n, start, stop);
        if (pieces.Count == 0)
        {
            return;
        }

        using var segment = await _replica.LeaseAsync(n, cancellationToken).ConfigureAwait(false);
        foreach (var piece in pieces)
        {
            var length = Math.Min(piece.Length, segment.Length - piece.From);
            segment.Span.Slice(piece.From, length).CopyTo(_group.AsSpan(piece.To));
        }
    }

    private async ValueTask VerifyAsync(long n, int at, bool hasData, CancellationToken cancellationToken)
    {
        var length = Source.LengthOf(n);
        if (Source.IsZero(n))
        {
            if (hasData && !ZeroDetector.IsZero(_group.AsSpan(at, length)))
            {
                throw Mismatch(n);
            }

            _logical.AddZero();
            return;
        }

        var digest = Source.DigestOf(n);
        if (!hasData || (Digest.Compute(AsStored(n, at, length)) != digest
            && !await IsPlaintextOfAsync(n, at, length, cancellationToken).ConfigureAwait(false)))
        {
            throw Mismatch(n);
        }

        _logical.Add(digest);
        _progress.Verified();
        _progress.Done(length);
    }

    /// <summary>The segment as the image center has it: under the snapshot's own key, if there is one.</summary>
    private ReadOnlySpan<byte> AsStored(long n, int at, int length)
    {
        if (_to is null)
        {
            return _group.AsSpan(at, length);
        }

        _to.Encrypt(
            _group.AsSpan(at, _scratch.Length), _scratch, n * Source.SegmentSizeBytes / StripeLayout.MinUnitBytes);
        return _scratch.AsSpan(0, length);
    }

    /// <summary>
    /// Under its own key a snapshot may have holes for zeros, or zeros encrypted: the digest of what the replica holds
    /// cannot say which, the segment itself can, whose digest was checked when it was fetched.
    /// </summary>
    private async ValueTask<bool> IsPlaintextOfAsync(
        long n, int at, int length, CancellationToken cancellationToken)
    {
        if (_to is null)
        {
            return false;
        }

        using (var segment = await _replica.LeaseSourceAsync(n, cancellationToken).ConfigureAwait(false))
        {
            _scratch.AsSpan().Clear();
            segment.Span.CopyTo(_scratch);
        }

        SparseSectors.Decrypt(
            _to, _scratch, _scratch, n * Source.SegmentSizeBytes / StripeLayout.MinUnitBytes);
        return _scratch.AsSpan(0, length).SequenceEqual(_group.AsSpan(at, length));
    }

    private ReplicaMismatchException Mismatch(long n)
    {
        var start = n * Source.SegmentSizeBytes;
        var stop = start + Source.LengthOf(n);
        return new ReplicaMismatchException(
            _replica.Id,
            n,
            [
                .. GatherPiece.SegmentsOf(_replica.Map, start, stop)
                    .Where(segment => GatherPiece.Of(_replica.Map, segment, start, stop).Count > 0)
                    .Select(segment => _replica.Map.Map.DigestOf(segment)),
            ]);
    }
}
