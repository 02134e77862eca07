using SnapshotGrains.Testing;

namespace SnapshotGrains.Storage.Tests;

/// <summary>
/// A seeded sequence of steps on one overlay over a machine that may lose its power, with the model beside it. Steps
/// may be left out, so that a failure can be shrunk.
/// </summary>
internal sealed class OverlayScript(int seed, int steps)
{
    public const string Folder = "/overlays";
    private const int Block = OverlayStore.BlockBytes;
    private static readonly Guid Disk = new("5e0b1f3c-7f55-4e52-9d0e-1d60a3a5f001");
    private static readonly OverlayOptions Limits = new() { MaxUncommittedBlocks = 64, MinJournalBytes = 64 << 10 };
    private readonly long _initialBytes = (40 * Block) + ((seed % 3) * 512);
    private long _epoch;
    private OverlayStore? _store;
    private OverlayProgress _durable;
    private List<(OverlayView View, byte[] Content)> _views = [];

    /// <summary>Steps that are not made.</summary>
    public HashSet<int> Skipped { get; init; } = [];

    /// <summary>Whether power is cut at random as a step of its own.</summary>
    public bool HasCrashes { get; init; }

    public PowerLossFileSystem Machine { get; private set; } = new();

    private PatternParent Parent => field ??= new(_initialBytes);

    private CrashModel Model => field ??= new(Parent, _initialBytes);

    /// <summary>
    /// Runs all steps and returns what went wrong, or null. A power cut ends with recovery and comparison.
    /// </summary>
    public async Task<string?> RunAsync()
    {
        await OpenAsync();
        for (var step = 0; step < steps; step++)
        {
            var random = new Random(unchecked((seed * 7919) + step));
            if (Skipped.Contains(step))
            {
                continue;
            }

            try
            {
                if (await StepAsync(random) is { } wrong)
                {
                    return $"step {step}: {wrong}";
                }
            }
            catch (IOException) when (Machine.IsOff)
            {
                var lost = await RecoverAsync(new Random(seed + 1), attempts: 3);
                return lost is null ? null : $"step {step}: {lost}";
            }
        }

        return CheckViews() ?? await RecoverAsync(new Random(seed + 1), attempts: 0);
    }

    private async Task OpenAsync() =>
        _store = await new OverlayDirectory(Folder, Limits, Machine).OpenAsync(Disk, _initialBytes, ++_epoch);

    private async Task<string?> StepAsync(Random random)
    {
        var store = _store!;
        var offset = random.NextInt64(Model.SizeBytes);
        var length = (int)Math.Min(
            random.NextInt64(1, random.Next(3) == 0 ? 9 * Block : 2 * Block), Model.SizeBytes - offset);
        if (random.Next(2) == 0)
        {
            offset = offset / Block * Block;
            length = (int)Math.Min(((length / Block) + 1) * Block, Model.SizeBytes - offset);
        }

        switch (random.Next(HasCrashes ? 21 : 20))
        {
            case < 9:
                var isFua = random.Next(8) == 0;
                var data = Bytes(random, length);
                Model.Write(offset, data);
                await store.WriteAsync(offset, data, Parent, isFua);
                Flushed(isFua, offset, length);
                return null;
            case < 11:
                Model.Write(offset, new byte[length]);
                await store.ZeroAsync(offset, length, Parent);
                return null;
            case 11:
                await TrimAsync(offset, length);
                return null;
            case < 14:
                await HydrateAsync(offset / Block * Block, random.Next(1, 12), random.Next(4));
                return null;
            case < 16:
                await store.FlushAsync();
                Flushed(true, 0, Model.SizeBytes);
                return null;
            case 16:
                await store.DisposeAsync();
                await DropViewsAsync();
                await OpenAsync();
                Flushed(true, 0, Model.SizeBytes);
                return _store!.Statistics.Progress == store.Statistics.Progress
                    ? Compare(isAfterCrash: false)
                    : $"{store.Statistics.Progress} became {_store.Statistics.Progress} by opening again";
            case 17 when random.Next(3) == 0:
                await ResizeAsync(random.Next(20, 60) * (long)Block);
                return CheckViews();
            case 18:
                return await UseViewsAsync(random);
            case 20:
                return await RecoverAsync(random, attempts: 2);
            default:
                return Compare(isAfterCrash: false);
        }
    }

    /// <summary>Views come and go in any order; each shows what the disk held when it was made.</summary>
    private async Task<string?> UseViewsAsync(Random random)
    {
        var wrong = CheckViews();
        if (_views.Count == OverlayStore.MaxViews || (_views.Count > 0 && random.Next(2) == 0))
        {
            var at = random.Next(_views.Count);
            await _views[at].View.DisposeAsync();
            _views.RemoveAt(at);
            return wrong;
        }

        _views.Add((await _store!.FreezeAsync(), Model.Newest()));
        Flushed(true, 0, Model.SizeBytes);
        return wrong ?? CheckViews();
    }

    private string? CheckViews() =>
        _views.Where(v => !ReadDisk(v.View.SizeBytes, v.View.Lookup, v.View.Read).AsSpan().SequenceEqual(v.Content))
            .Select(v => $"a view of {v.View.SizeBytes} bytes has changed")
            .FirstOrDefault()
            ?? (_views.Count > 0 || _store!.Statistics is { ViewHeldBytes: 0, ViewMemoryBytes: 0, OpenViews: 0 }
                ? null : "views that have ended hold space");

    /// <summary>The overlay has ended, and its views with it.</summary>
    private async Task DropViewsAsync()
    {
        foreach (var (view, _) in _views)
        {
            await view.DisposeAsync();
        }

        _views = [];
    }

    private async Task TrimAsync(long offset, int length)
    {
        var end = offset + length;
        var first = (offset + Block - 1) / Block * Block;
        var last = end == Model.SizeBytes ? end : end / Block * Block;
        Model.Write(first, new byte[Math.Max(0, last - first)]);
        await _store!.TrimAsync(offset, length);
    }

    private async Task HydrateAsync(long offset, int blocks, int source)
    {
        // After a resize the parent no longer says what an absent block holds, but the look-up says which are absent.
        var data = new byte[Math.Min(blocks * (long)Block, Model.SizeBytes - offset)];
        Parent.Fill(offset, data);
        if (source > (int)OverlaySource.Hydrated)
        {
            var zeros = data.AsSpan().IndexOfAnyExcept((byte)0) / Block * Block;
            await _store!.HydrateZeroesAsync(offset, zeros < 0 ? data.Length : zeros);
            return;
        }

        await _store!.HydrateAsync(offset, data, (OverlaySource)source);
    }

    private async Task ResizeAsync(long sizeBytes)
    {
        // The disk's end is made whole first: a crash amid a resize leaves either size, which the model cannot tell.
        await _store!.FlushAsync();
        Flushed(true, 0, Model.SizeBytes);
        if (Machine.BeforeEach is not null)
        {
            return;
        }

        await _store.ResizeAsync(sizeBytes);
        Model.Resize(sizeBytes);
        _durable = _store.Statistics.Progress;
    }

    private void Flushed(bool isDurable, long offset, long length)
    {
        if (isDurable)
        {
            Model.Flushed(offset, length);
            _durable = offset == 0 && length == Model.SizeBytes ? _store!.Statistics.Progress : _durable;
        }
    }

    /// <summary>Cuts the power, also while the overlay recovers, and compares what is there in the end.</summary>
    private async Task<string?> RecoverAsync(Random random, int attempts)
    {
        var atCut = _store!.Statistics.Progress;
        await DropViewsAsync();
        while (true)
        {
            Machine = Machine.Restart(random);
            Machine.PowerFailsAt = random.Next(attempts + 1) > 0 ? random.Next(1, 8) : long.MaxValue;
            attempts--;
            try
            {
                await OpenAsync();
                Machine.PowerFailsAt = long.MaxValue;
                var wrong = CheckProgress(_store, atCut) ?? Compare(isAfterCrash: true);
                _durable = _store.Statistics.Progress;
                return wrong;
            }
            catch (IOException) when (Machine.IsOff)
            {
                attempts = Math.Max(0, attempts);
            }
            catch (OverlayException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>
    /// What a power cut at this moment would leave must be what the model allows; nothing is changed.
    /// </summary>
    public string? CheckCut(PowerLossFileSystem machine, Random random)
    {
        var after = machine.Fork(random);
        try
        {
            // Nothing of it waits: the machine is one of memory.
            var opening = new OverlayDirectory(Folder, Limits, after).OpenAsync(Disk, _initialBytes, _epoch + 1);
            var store = opening.GetAwaiter().GetResult();
            return CheckProgress(store, _store?.Statistics.Progress ?? default)
                ?? Compare(store, isAfterCrash: true, isReal: false);
        }
        catch (OverlayException e)
        {
            return e.Message;
        }
    }

    /// <summary>A crash loses no progress that was flushed and invents none.</summary>
    private string? CheckProgress(OverlayStore store, OverlayProgress atCut)
    {
        var found = store.Statistics.Progress;
        return Enum.GetValues<OverlaySource>().All(s => found[s] >= _durable[s] && found[s] <= atCut[s])
            ? null
            : $"{found} was found, {_durable} was flushed, {atCut} was reached";
    }

    /// <summary>Each block has one source or is the parent's.</summary>
    private static string? CheckSum(OverlayStore store)
    {
        var (statistics, blocks) = (store.Statistics, (store.SizeBytes + Block - 1) / Block);
        var parentBytes = store.CountParentBytes(0, store.SizeBytes);
        var isWhole = statistics.Progress.Total + statistics.ParentBlocks == blocks
            && (parentBytes + Block - 1) / Block == statistics.ParentBlocks
            && store.HasParentBlocks(0, store.SizeBytes) == (statistics.ParentBlocks > 0);
        return isWhole ? null : $"{statistics.Progress} and {statistics.ParentBlocks} are not all {blocks} blocks";
    }

    private string? Compare(bool isAfterCrash) => Compare(_store!, isAfterCrash);

    private string? Compare(OverlayStore store, bool isAfterCrash, bool isReal = true)
    {
        var disk = ReadDisk(store.SizeBytes, store.Lookup, store.Read);
        return disk.Length != Model.SizeBytes
            ? $"the disk has {disk.Length} bytes instead of {Model.SizeBytes}"
            : CheckSum(store) ?? Model.Compare(disk, isAfterCrash, isReal);
    }

    private delegate void Reader(long offset, Span<byte> destination);

    private byte[] ReadDisk(long sizeBytes, Func<long, long, OverlayExtent> lookup, Reader read)
    {
        var disk = new byte[sizeBytes];
        for (long at = 0; at < disk.Length;)
        {
            var extent = lookup(at, disk.Length - at);
            var piece = disk.AsSpan((int)at, (int)extent.LengthBytes);
            if (extent.State == OverlayBlockState.Parent)
            {
                Parent.Fill(at, piece);
            }
            else
            {
                read(at, piece);
            }

            at += extent.LengthBytes;
        }

        return disk;
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        var word = random.NextInt64();
        for (var at = 0; at < length; at += sizeof(long))
        {
            // Each word differs, so that no two sectors of a block pass for each other.
            BitConverter.GetBytes(word + at).AsSpan(0, Math.Min(sizeof(long), length - at)).CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }
}
