using SnapshotGrains.Nbd;

namespace SnapshotGrains.Silo.Tests.Agents;

/// <summary>
/// A guest that reads and writes a range of a disk at random, and knows what it must read: what it was told was
/// written, flushed or not.
/// </summary>
/// <param name="disk">Its connection.</param>
/// <param name="content">What the disk has; changed with it.</param>
/// <param name="from">First byte of its range.</param>
/// <param name="length">Bytes of its range.</param>
/// <param name="seed">What it does.</param>
internal sealed class GuestWork(NbdClient disk, byte[] content, int from, int length, int seed)
{
    private const int Unit = 512;
    private const int MaxUnits = 64;

    private readonly Random _random = new(seed);

    /// <summary>Requests so far.</summary>
    public int Requests { get; private set; }

    /// <summary>Works until it is stopped; fails on an error, and on a byte that is wrong.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        for (; !stop.IsCancellationRequested; Requests++)
        {
            var bytes = _random.Next(1, MaxUnits) * Unit;
            var at = from + (_random.Next((length - bytes) / Unit) * Unit);
            await (_random.Next(8) switch
            {
                0 => ZeroAsync(at, bytes),
                1 => disk.FlushAsync(CancellationToken.None),
                < 5 => WriteAsync(at, bytes),
                _ => CheckAsync(at, bytes),
            });
        }
    }

    /// <summary>Reads all of its range.</summary>
    public Task CheckAllAsync() => CheckAsync(from, length);

    private async Task WriteAsync(int at, int bytes)
    {
        _random.NextBytes(content.AsSpan(at, bytes));
        await disk.WriteAsync(at, content.AsMemory(at, bytes), fua: _random.Next(8) == 0);
    }

    private async Task ZeroAsync(int at, int bytes)
    {
        content.AsSpan(at, bytes).Clear();
        await disk.WriteZeroesAsync(at, (uint)bytes);
    }

    private async Task CheckAsync(int at, int bytes)
    {
        var read = new byte[bytes];
        await disk.ReadAsync(at, read);
        var wrong = read.AsSpan().CommonPrefixLength(content.AsSpan(at, bytes));
        wrong.Should().Be(bytes, "seed {0}, request {1}: all of {2} bytes at {3} are right", seed, Requests, bytes, at);
    }
}
