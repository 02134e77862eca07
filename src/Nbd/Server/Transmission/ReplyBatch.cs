using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace SnapshotGrains.Nbd;

/// <summary>
/// Replies on their way out: heads are written into pinned blocks, payloads stay where the export keeps them, and a
/// list of vectors says in which order they go. Used by one thread at a time.
/// </summary>
internal sealed partial class ReplyBatch
{
    private const int HeadBlockBytes = 16 * 1024;
    private const int FullVectors = LibC.MaxVectors - 64;

    private readonly bool _structured;
    private readonly int _fullBytes;
    private readonly List<byte[]> _blocks = [];
    private byte[] _block = [];
    private int _blockUsed;
    private IoVector[] _vectors = new IoVector[64];
    private int _vectorCount;
    private IDisposable[] _leases = new IDisposable[32];
    private int _leaseCount;
    private MemoryHandle[] _pins = [];
    private int _pinCount;
    private long _bytes;
    private long _failedRequests;
    private long _bytesRead;

    public ReplyBatch(bool structured, int fullBytes)
    {
        _structured = structured;
        _fullBytes = fullBytes;
    }

    public bool IsEmpty => _vectorCount == 0;

    /// <summary>True when it is better to send than to add: the bound on lent memory, vectors and heads.</summary>
    public bool IsFull => _bytes >= _fullBytes || _vectorCount >= FullVectors;

    public long FailedRequests => Volatile.Read(ref _failedRequests);

    public long BytesRead => Volatile.Read(ref _bytesRead);

    public Span<IoVector> Vectors => _vectors.AsSpan(0, _vectorCount);

    /// <summary>Adds the reply of a request whose outcome is settled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(PendingRequest request)
    {
        if (request.Error != NbdError.None)
        {
            AddError(request.Header, request.Error, request.Message);
        }
        else if (request.Header.Command == NbdCommand.Read)
        {
            AddRead(request.Header, request.Read);
        }
        else
        {
            AddOther(request);
        }
    }

    public void AddError(in RequestHeader request, NbdError error, string message)
    {
        _failedRequests++;
        if (!_structured)
        {
            ReplyWriter.WriteSimple(Head(ReplyWriter.SimpleBytes), request.Cookie, error);
            return;
        }

        var text = Encoding.UTF8.GetBytes(NbdText.Fit(message));
        ReplyWriter.WriteError(Head(ReplyWriter.ErrorBytes(text.Length)), request.Cookie, error, text);
    }

    /// <summary>Gives everything back and starts over, whether or not it was sent.</summary>
    public void Release()
    {
        if (_pinCount > 0)
        {
            ReleasePins();
        }

        if (_leaseCount > 0)
        {
            ReleaseLeases();
        }

        if (_blocks.Count > 1 || _block.Length > HeadBlockBytes)
        {
            // A rare reply with many extents or pieces; its memory is not kept.
            _blocks.Clear();
            _block = [];
        }

        _blockUsed = 0;
        _vectorCount = 0;
        _bytes = 0;
    }

    private void AddOther(PendingRequest request)
    {
        if (request.Header.Command == NbdCommand.BlockStatus)
        {
            var extents = request.Extents.Items;
            ReplyWriter.WriteBlockStatus(
                Head(ReplyWriter.BlockStatusBytes(extents.Length)), request.Header.Cookie,
                NbdMetaContexts.AllocationId, extents);
            return;
        }

        // Allowed in structured mode too, for replies without payload, and the shortest.
        ReplyWriter.WriteSimple(Head(ReplyWriter.SimpleBytes), request.Header.Cookie, NbdError.None);
    }

    private void ReleaseLeases()
    {
        foreach (var lease in _leases.AsSpan(0, _leaseCount))
        {
            lease.Dispose();
        }

        Array.Clear(_leases, 0, _leaseCount);
        _leaseCount = 0;
    }

    private void ReleasePins()
    {
        for (var i = 0; i < _pinCount; i++)
        {
            _pins[i].Dispose();
            _pins[i] = default;
        }

        _pinCount = 0;
    }

    /// <summary>Takes room for a head; neighbouring heads share a vector.</summary>
    private unsafe Span<byte> Head(int length)
    {
        if (_blockUsed + length > _block.Length)
        {
            _block = GC.AllocateUninitializedArray<byte>(Math.Max(HeadBlockBytes, length), pinned: true);
            _blocks.Add(_block);
            _blockUsed = 0;
        }

        var start = (nint)Unsafe.AsPointer(ref _block[_blockUsed]);
        _blockUsed += length;
        AddVector(start, length);
        return new Span<byte>((void*)start, length);
    }

    private void AddVector(nint start, int length)
    {
        _bytes += length;
        if (_vectorCount > 0)
        {
            ref var last = ref _vectors[_vectorCount - 1];
            if (last.Start + last.Length == start)
            {
                last.Length += length;
                return;
            }
        }

        if (_vectorCount == _vectors.Length)
        {
            Array.Resize(ref _vectors, _vectors.Length * 2);
        }

        _vectors[_vectorCount++] = new IoVector(start, length);
    }
}
