using Microsoft.Win32.SafeHandles;
using SnapshotGrains.Nbd;
using SnapshotGrains.Storage;

namespace SnapshotGrains.Cli.Demo;

/// <summary>One guest that boots from its clone: it reads, and compares every byte with the image file.</summary>
/// <param name="disk">Its disk, over NBD.</param>
/// <param name="image">The image file.</param>
/// <param name="touched">What all guests have touched.</param>
/// <param name="time">The clock of latencies.</param>
internal sealed class BootGuest(NbdClient disk, SafeFileHandle image, TouchedSegments touched, TimeProvider time)
    : IAsyncDisposable
{
    private static readonly TimeSpan ReadDeadline = TimeSpan.FromSeconds(60);

    private byte[] _got = [];
    private byte[] _expected = [];

    /// <summary>How it went.</summary>
    public GuestTally Tally { get; } = new();

    /// <summary>Whether reads count as after the kill.</summary>
    public bool IsAfterKill { get; set; }

    /// <summary>Reads and compares, one read after the other.</summary>
    /// <param name="reads">The reads.</param>
    /// <param name="served">Told the length of each read that was answered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(
        IReadOnlyList<BootRead> reads, Action<int> served, CancellationToken cancellationToken)
    {
        foreach (var read in reads)
        {
            await ReadAsync(read, cancellationToken);
            served(read.Length);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => disk.DisposeAsync();

    private async Task ReadAsync(BootRead read, CancellationToken cancellationToken)
    {
        if (_got.Length < read.Length)
        {
            _got = new byte[read.Length];
            _expected = new byte[read.Length];
        }

        var got = _got.AsMemory(0, read.Length);
        var isWarm = touched.IsWarm(read);
        var started = time.GetTimestamp();
        try
        {
            await disk.ReadAsync(read.Offset, got, cancellationToken).WaitAsync(ReadDeadline, time, cancellationToken);
        }
        catch (Exception error) when (error is NbdException or TimeoutException)
        {
            Tally.ReadErrors++;
            return;
        }

        LatenciesOf(isWarm).Add(time.GetElapsedTime(started));
        touched.Add(read);
        if (IsRight(read, got.Span))
        {
            Tally.BytesServed += read.Length;
        }
        else
        {
            Tally.WrongReads++;
        }
    }

    private Latencies LatenciesOf(bool isWarm) =>
        IsAfterKill ? Tally.AfterKill : isWarm ? Tally.Warm : Tally.Cold;

    private bool IsRight(BootRead read, ReadOnlySpan<byte> got)
    {
        var expected = _expected.AsSpan(0, read.Length);
        return FileRead.Fill(image, read.Offset, expected) == expected.Length && got.SequenceEqual(expected);
    }
}
