using System.Buffers;
using System.Runtime.CompilerServices;

namespace SnapshotGrains.Storage;

/// <summary>
/// One resident segment: native memory that readers share by lease. A buffer stands for one residency only: once it
/// was evicted it never leases again, and the segment's next residency is another object. Whoever holds a lease may
/// read; the memory goes back to the pool when the cache and the last reader have let go.
/// </summary>
public sealed unsafe class SegmentBuffer : IDisposable
{
    // The state word: leases held now in bits 0 to 21 (the cache itself holds one while the segment is resident), the
    // mark of a dropped segment in bit 22, and above it the number of leases ever granted, so that counting hits costs
    // nothing beside the compare-and-swap that takes the lease.
    private const int CountBits = 22;
    private const long CountMask = (1L << CountBits) - 1;
    private const long Retired = 1L << CountBits;
    private const int HitShift = CountBits + 1;
    private const long OneLease = (1L << HitShift) + 1;
    private const byte MaxFrequency = 3;

    private readonly SegmentCache _owner;
    private readonly View _view;
    private readonly byte* _pointer;
    private long _state;
    private long _checksum = -1;
    private int _touchedEpoch;
    private byte _frequency;
    private bool _isAhead;

    internal SegmentBuffer(SegmentCache owner, in Digest digest, int length, in SegmentMemory block)
    {
        _owner = owner;
        _pointer = (byte*)block.Address;
        _view = new View(this);
        _state = 1;
        Digest = digest;
        ContentDigest = digest;
        Length = length;
        Block = block;
    }

    /// <summary>Name of the content.</summary>
    public Digest Digest { get; }

    /// <summary>
    /// SHA-256 of the bytes: the name itself, but for content that was named before anybody had made it.
    /// </summary>
    public Digest ContentDigest { get; internal set; }

    /// <summary>
    /// CRC-32C of the bytes, computed when it is first asked for; valid while the caller holds a lease. What protects a
    /// transfer: their SHA-256 was checked when they came, and would cost more than the transfer.
    /// </summary>
    public uint Checksum
    {
        get
        {
            var known = Volatile.Read(ref _checksum);
            if (known < 0)
            {
                Volatile.Write(ref _checksum, known = Crc32C.Compute(Span));
            }

            return (uint)known;
        }
    }

    /// <summary>Length of the segment in bytes.</summary>
    public int Length { get; }

    /// <summary>First byte. Valid while the caller holds a lease.</summary>
    public byte* Pointer => _pointer;

    /// <summary>The first byte's address, for callers without pointers. Valid while the caller holds a lease.</summary>
    public nint Address => (nint)_pointer;

    /// <summary>The bytes, for the time of a lease. Pinning costs nothing.</summary>
    /// <exception cref="ObjectDisposedException">On use after the memory went back to the pool.</exception>
    public ReadOnlyMemory<byte> Memory => _view.Memory;

    /// <summary>The bytes, for the time of a lease.</summary>
    /// <exception cref="ObjectDisposedException">The memory went back to the pool.</exception>
    public ReadOnlySpan<byte> Span => Bytes;

    /// <summary>Leases granted in this residency so far: how hot the segment is.</summary>
    public long LeasesGranted => (long)((ulong)Volatile.Read(ref _state) >> HitShift);

    /// <summary>The cache still offers this buffer. It may cease to at any moment: only a lease keeps bytes.</summary>
    public bool IsResident => (Volatile.Read(ref _state) & (CountMask | Retired)) is > 0 and <= CountMask;

    internal SegmentMemory Block { get; }

    internal long ChargeBytes => Block.ResidentBytes;

    internal Memory<byte> Writable => _view.Memory;

    internal SegmentQueue? Queue { get; set; }

    internal SegmentBuffer? Newer { get; set; }

    internal SegmentBuffer? Older { get; set; }

    internal int Frequency => _frequency;

    /// <summary>Loaded ahead of its readers, none of whom has come yet.</summary>
    internal bool IsAhead => _isAhead && LeasesGranted == 0; // the loader's own lease does not count

    /// <summary>A reader holds a lease, besides the one of the cache.</summary>
    internal bool IsLeased => (Volatile.Read(ref _state) & CountMask) > 1;

    private Span<byte> Bytes
    {
        get
        {
            if ((Volatile.Read(ref _state) & CountMask) == 0)
            {
                ThrowFreed();
            }

            return new Span<byte>(_pointer, Length);
        }
    }

    /// <summary>
    /// Takes a lease; false when the segment is no longer resident. Each success must be paired with one
    /// <see cref="Release"/>. Lock-free and allocation-free.
    /// </summary>
    public bool TryLease()
    {
        if (!TryLease(OneLease))
        {
            return false;
        }

        Touch();
        return true;
    }

    /// <summary>Gives a lease back. The caller must not touch the bytes any more.</summary>
    /// <exception cref="InvalidOperationException">More leases were given back than taken.</exception>
    public void Release()
    {
        var state = Interlocked.Decrement(ref _state);
        var count = state & CountMask;
        if (count is 0 or 1 || count == CountMask)
        {
            ReleaseLast(count);
        }
    }

    /// <summary>Ends a lease like <see cref="Release"/>: a lease is what its holder disposes.</summary>
    void IDisposable.Dispose() => Release();

    /// <summary>Takes a lease that counts neither as a hit nor as a use: for the scrub.</summary>
    internal bool TryInspect() => TryLease(1);

    /// <summary>
    /// Adds the leases of the readers who waited for the load, before anybody else can see the buffer.
    /// </summary>
    internal void GrantInitial(int leases) => Interlocked.Add(ref _state, leases);

    /// <summary>Ends the residency if nobody holds a lease; the caller then owns the memory.</summary>
    internal bool TryEvict()
    {
        var state = Volatile.Read(ref _state);
        return (state & CountMask) == 1
            && Interlocked.CompareExchange(ref _state, (state & ~CountMask) | Retired, state) == state;
    }

    /// <summary>No lease is granted from now on; the ones that are held stay good.</summary>
    internal void Retire() => Interlocked.Or(ref _state, Retired);

    internal void StartAt(int epoch, bool isAhead) => (_touchedEpoch, _isAhead) = (epoch, isAhead);

    internal void ClearFrequency() => _frequency = 0;

    internal void DecayFrequency() => _frequency--;

    private bool TryLease(long increment)
    {
        var state = Volatile.Read(ref _state);
        while (true)
        {
            if ((state & CountMask) == 0 || (state & Retired) != 0)
            {
                return false;
            }

            var seen = Interlocked.CompareExchange(ref _state, state + increment, state);
            if (seen == state)
            {
                break;
            }

            state = seen;
        }

        return (state & CountMask) < CountMask - 1 || UndoOverflow();
    }

    /// <summary>
    /// Marks a use for the eviction policy, once an epoch: a guest that reads one segment in 256 small reads has used
    /// it once, and must not make a scan look like reuse (O'Neil's correlated references, SIGMOD '93). Unsynchronised:
    /// a lost mark costs nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Touch()
    {
        var epoch = _owner.Epoch;
        if (_touchedEpoch != epoch)
        {
            _touchedEpoch = epoch;
            _frequency = Math.Min(MaxFrequency, (byte)(_frequency + 1));
        }
    }

    private void ReleaseLast(long count)
    {
        switch (count)
        {
            case 0:
                _owner.Free(this);
                break;
            case 1:
                _owner.OnUnleased();
                break;
            default:
                Interlocked.Increment(ref _state);
                throw new InvalidOperationException($"Segment {Digest} was released more often than leased.");
        }
    }

    private bool UndoOverflow()
    {
        Interlocked.Decrement(ref _state);
        throw new InvalidOperationException($"Segment {Digest} has more than {CountMask - 1} leases; some leak.");
    }

    private void ThrowFreed() => throw new ObjectDisposedException(
        nameof(SegmentBuffer), $"The memory of segment {Digest} was used without a lease.");

    private sealed class View(SegmentBuffer buffer) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(buffer.Length);

        public override Span<byte> GetSpan() => buffer.Bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => new(buffer._pointer + elementIndex);

        public override void Unpin()
        {
            // Native memory never moves.
        }

        protected override void Dispose(bool disposing)
        {
            // The cache frees the memory when the last lease is given back.
        }
    }
}
