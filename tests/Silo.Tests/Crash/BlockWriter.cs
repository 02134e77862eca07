using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Tests.Crash;

/// <summary>
/// Writes to a disk over one connection, several requests at a time, until the silo is gone: runs of blocks, some with
/// FUA, some zeroed, with a flush now and then. The history is told before and after each.
/// </summary>
internal sealed class BlockWriter(NbdClient client, BlockHistory history, int seed)
{
    private const int Lanes = 8;
    private const int MaxRun = 8;

    /// <summary>Completes when the connection is lost.</summary>
    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => Task.Run(() => WriteAsync(lane))));

    /// <summary>A lane has blocks of its own, so that the writes of a block come one after the other.</summary>
    private async Task WriteAsync(int lane)
    {
        var random = new Random((seed * Lanes) + lane);
        var share = history.BlockCount / Lanes;
        try
        {
            while (true)
            {
                if (random.Next(12) == 0)
                {
                    var promised = history.BeginFlush();
                    await client.FlushAsync();
                    history.EndFlush(promised);
                    continue;
                }

                var run = random.Next(1, MaxRun + 1);
                var first = (lane * share) + random.Next(share - run);
                await ChangeAsync(first, run, random.Next(10) == 0, random.Next(4) == 0);
            }
        }
        catch (NbdException)
        {
            // The silo was killed; what was asked for and not answered is in the history.
        }
    }

    private async Task ChangeAsync(int first, int run, bool isZero, bool isDurable)
    {
        var versions = new long[run];
        var bytes = new byte[run * BlockHistory.BlockBytes];
        for (var i = 0; i < run; i++)
        {
            versions[i] = history.Ask(first + i, isZero);
            BlockHistory.Fill(
                first + i, versions[i], bytes.AsSpan(i * BlockHistory.BlockBytes, BlockHistory.BlockBytes));
        }

        var offset = (long)first * BlockHistory.BlockBytes;
        await (isZero
            ? client.WriteZeroesAsync(offset, (uint)bytes.Length, isDurable ? NbdZeroFlags.Fua : NbdZeroFlags.None)
            : client.WriteAsync(offset, bytes, isDurable));
        for (var i = 0; i < run; i++)
        {
            history.Acknowledge(first + i, versions[i], isDurable);
        }
    }
}
