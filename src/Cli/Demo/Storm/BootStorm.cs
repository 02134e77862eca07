using Microsoft.Win32.SafeHandles;
using SnapshotGrains.Nbd;

namespace SnapshotGrains.Cli.Demo;

/// <summary>Many guests that boot from clones of one image at the same time.</summary>
internal sealed class BootStorm : IAsyncDisposable
{
    /// <summary>Each guest is busy reading when the silo is killed: it has read this often since the pause.</summary>
    private const int ReadsBeforeKill = 16;

    private readonly BootTrace _trace;
    private readonly SafeFileHandle _image;
    private readonly List<BootGuest> _guests = [];
    private long _servedBytes;

    private BootStorm(BootTrace trace, SafeFileHandle image)
    {
        _trace = trace;
        _image = image;
    }

    /// <summary>Bytes answered until now.</summary>
    public long ServedBytes => Interlocked.Read(ref _servedBytes);

    /// <summary>What all guests together read, but for what they read again while the silo is killed.</summary>
    public long PlannedBytes => Enumerable.Range(0, _guests.Count).Sum(guest =>
        _trace.FirstHalf(guest).Concat(_trace.Again(guest)).Concat(_trace.SecondHalf(guest))
            .Sum(read => (long)read.Length));

    /// <summary>Connects one guest to each disk.</summary>
    /// <param name="socketPath">The NBD server's Unix socket.</param>
    /// <param name="disks">The disks, all clones of the image.</param>
    /// <param name="imagePath">The image file, to compare with.</param>
    /// <param name="trace">What a guest reads.</param>
    /// <param name="touched">Where they note what they touch.</param>
    /// <param name="time">The clock of latencies.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<BootStorm> ConnectAsync(
        string socketPath, IEnumerable<string> disks, string imagePath, BootTrace trace, TouchedSegments touched,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var storm = new BootStorm(trace, File.OpenHandle(imagePath));
        try
        {
            var options = new NbdClientOptions { TimeProvider = time };
            foreach (var name in disks)
            {
                var uri = new NbdUri { SocketPath = socketPath, ExportName = name };
                var disk = await NbdClient.ConnectAsync(uri, options, cancellationToken);
                storm._guests.Add(new BootGuest(disk, storm._image, touched, time));
            }

            return storm;
        }
        catch
        {
            await storm.DisposeAsync();
            throw;
        }
    }

    /// <summary>The guests' first half.</summary>
    public Task RunFirstHalfAsync(CancellationToken cancellationToken) =>
        ForEachGuestAsync((guest, index) => guest.RunAsync(_trace.FirstHalf(index), Served, cancellationToken));

    /// <summary>
    /// The second half. It starts with places of the first, so that nothing new is fetched before the silo is dead:
    /// only then is what it had fetched known to the byte.
    /// </summary>
    /// <param name="kill">Kills a silo; called while all guests are reading.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunSecondHalfAsync(Func<Task> kill, CancellationToken cancellationToken)
    {
        var idle = _guests.Count;
        var allBusy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var killed = KillWhenBusyAsync(allBusy.Task, kill);
        var guests = ForEachGuestAsync(async (guest, index) =>
        {
            var again = _trace.Again(index);
            try
            {
                await guest.RunAsync([.. again.Take(ReadsBeforeKill)], Served, cancellationToken);
            }
            finally
            {
                if (Interlocked.Decrement(ref idle) == 0)
                {
                    allBusy.SetResult();
                }
            }

            guest.IsAfterKill = true;
            await guest.RunAsync([.. again.Skip(ReadsBeforeKill)], Served, cancellationToken);
            await killed;
            await guest.RunAsync(_trace.SecondHalf(index), Served, cancellationToken);
        });
        await Task.WhenAll(guests, killed);
    }

    /// <summary>How all guests together fared.</summary>
    public GuestTally Total()
    {
        var total = new GuestTally();
        foreach (var guest in _guests)
        {
            total.Add(guest.Tally);
        }

        return total;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var guest in _guests)
        {
            await guest.DisposeAsync();
        }

        _image.Dispose();
    }

    private static async Task KillWhenBusyAsync(Task allBusy, Func<Task> kill)
    {
        await allBusy;
        await kill();
    }

    private void Served(int bytes) => Interlocked.Add(ref _servedBytes, bytes);

    private Task ForEachGuestAsync(Func<BootGuest, int, Task> run) =>
        Task.WhenAll(_guests.Select((guest, index) => Task.Run(() => run(guest, index))));
}
