namespace SnapshotGrains.Disks.Tests;

/// <summary>Steps that hydrate, and that interrupt.</summary>
internal sealed partial class ModelRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private async Task<string?> ControlAsync(ReferenceDisk disk, Random random)
    {
        var command = (HydrationCommand)random.Next(4);
        _what = $"{disk.Name} {command}";
        var info = await _node.Control.ControlHydrationAsync(disk.Name, command, None);
        DiskState[] expected = command switch
        {
            HydrationCommand.Pause => [DiskState.Paused],
            HydrationCommand.Cancel => [DiskState.LazyLoading, DiskState.Created],
            _ => [DiskState.LazyLoading],
        };
        return info.State == DiskState.Ready || expected.Contains(info.State) ? null : $"it is {info.State}";
    }

    private async Task<string?> HydrateAsync(ReferenceDisk disk, Random random)
    {
        var target = random.Next(2) == 0 ? 1 : random.NextDouble();
        _what = $"{disk.Name} to {target:P0}";
        await _node.Control.ControlHydrationAsync(disk.Name, HydrationCommand.Start, None);
        var info = await HydrateAsync(disk.Name, target);
        return target < 1 || info == DiskState.Ready ? null : $"it is {info}";
    }

    private async Task<DiskState> HydrateAsync(string disk, double target)
    {
        using var deadline = new CancellationTokenSource(Patience);
        for (var looks = 1; ; looks++)
        {
            var progress = await _node.Control.GetHydrationAsync(disk, None);
            if (progress.State == DiskState.Ready || (target < 1 && progress.Fraction >= target))
            {
                return progress.State;
            }

            _node.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
            if (deadline.IsCancellationRequested)
            {
                throw new TimeoutException($"Hydration does not end: {progress}");
            }

            if (looks % 8 == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, None);
            }
        }
    }

    /// <summary>Each block has one source, or is the parent's; a ready disk has none that is.</summary>
    private async Task<string?> ProgressAsync(ReferenceDisk disk)
    {
        _what = disk.Name;
        var before = await _node.Control.GetDiskAsync(disk.Name, None);
        var progress = await _node.Control.GetHydrationAsync(disk.Name, None);
        var sum = progress.GuestReadBytes + progress.PrefetchedBytes + progress.HydratedBytes
            + progress.OverwrittenBytes + progress.TrimmedBytes + progress.ZeroBytes + progress.RemainingBytes;
        var blocks = (progress.SizeBytes + ReferenceDisk.Block - 1) / ReferenceDisk.Block * ReferenceDisk.Block;

        // Of a disk that nobody used the size is all that is known.
        var isWhole = sum == (progress.State == DiskState.Created ? disk.SizeBytes : blocks);
        var isReady = before.State != DiskState.Ready
            || (progress is { State: DiskState.Ready, RemainingBytes: 0, RemainingFetchBytes: 0 });
        var isRight = isReady && (isWhole || progress.IsRunning) && progress.SizeBytes >= disk.SizeBytes;
        return isRight ? null : $"{progress} of {blocks} bytes in whole blocks";
    }

    /// <summary>Without the image center ready disks read as ever; others read right or say that it is gone.</summary>
    private async Task<string?> OutageAsync(Random random)
    {
        _what = "all disks are read";
        var disks = _disks.ToArray();
        var isReady = new bool[disks.Length];
        for (var i = 0; i < disks.Length; i++)
        {
            isReady[i] = (await _node.Control.GetDiskAsync(disks[i].Name, None)).State == DiskState.Ready;
        }

        _node.Plane.IsDown = true;
        try
        {
            for (var i = 0; i < disks.Length; i++)
            {
                if (await ReadInOutageAsync(disks[i], isReady[i], random) is { } wrong)
                {
                    return wrong;
                }
            }
        }
        finally
        {
            _node.Plane.IsDown = false;
        }

        return null;
    }

    private async Task<string?> ReadInOutageAsync(ReferenceDisk disk, bool isReady, Random random)
    {
        try
        {
            return disk.Compare(0, (await ReadAllAsync(disk)).Span) ?? await ReadAsync(disk, random);
        }
        catch (SnapshotGrainsException error) when (!isReady && error.Code == ErrorCode.ImageCenterUnavailable)
        {
            return null;
        }
    }

    private async Task<string?> RestartAsync()
    {
        _what = "the home";
        _disks.ForEach(disk => disk.Writer = disk.Reader = null);
        await _node.RestartAsync(_disks.Select(disk => disk.Name));
        _disks.ForEach(disk => disk.Flushed());
        return null;
    }

    private async Task<string?> CrashAsync(Random random)
    {
        _what = "the home";
        _disks.ForEach(disk => disk.Writer = disk.Reader = null);
        await _node.CrashAsync(random, _disks.Select(disk => disk.Name));
        foreach (var disk in _disks)
        {
            var wrong = disk.Recover((await ReadAllAsync(disk)).Span) ?? await ProgressAsync(disk);
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return null;
    }
}
