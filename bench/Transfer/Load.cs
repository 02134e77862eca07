using System.Diagnostics;
using System.Globalization;

namespace SnapshotGrains.Bench.Transfer;

/// <summary>What to read of a source.</summary>
/// <param name="First">The first segment.</param>
/// <param name="Count">How many segments.</param>
/// <param name="InFlight">How many at a time.</param>
/// <param name="Milliseconds">How long to read them over and over; 0: once.</param>
internal sealed record Load(int First, int Count, int InFlight, int Milliseconds)
{
    private const int SegmentBytes = 1 << 20;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly byte[][] _buffers =
        [.. Enumerable.Range(0, InFlight).Select(_ => GC.AllocateUninitializedArray<byte>(SegmentBytes, pinned: true))];

    private int _taken = -1;

    public static Load Parse(ReadOnlySpan<string> words)
    {
        var figures = words.ToArray().Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        return new Load(figures[0], figures[1], figures[2], figures[3]);
    }

    /// <summary>MB/s, and the median of a segment's microseconds.</summary>
    public async Task<Result> RunAsync(ISource source)
    {
        using var deadline = new CancellationTokenSource(Timeout);
        var clock = Stopwatch.StartNew();
        var times = await Task.WhenAll(_buffers.Select(
            buffer => Task.Run(() => ReadAsync(source, buffer, clock, deadline.Token))));
        var elapsed = clock.Elapsed;
        double[] all = [.. times.SelectMany(each => each).Order()];
        return new Result(all.Length * (SegmentBytes / 1e6) / elapsed.TotalSeconds, all[all.Length / 2]);
    }

    private async Task<List<double>> ReadAsync(
        ISource source, byte[] buffer, Stopwatch clock, CancellationToken cancellationToken)
    {
        List<double> times = [];
        while (true)
        {
            var index = Interlocked.Increment(ref _taken);
            if (Milliseconds > 0 ? clock.ElapsedMilliseconds >= Milliseconds : index >= Count)
            {
                return times;
            }

            var start = Stopwatch.GetTimestamp();
            await source.FetchAsync(First + (index % Count), buffer, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }
}
