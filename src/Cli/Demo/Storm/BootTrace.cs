namespace SnapshotGrains.Cli.Demo;

/// <summary>
/// What the guests of one image read while they boot: mostly the same places, in nearly the same order. A step is a
/// file or two: a run of large sequential reads, or a cluster of small reads near one another. The first half of the
/// steps comes before the silo is killed, the second after it.
/// </summary>
internal sealed class BootTrace
{
    private const int BlockBytes = 4096;
    private const int ClusterSpanBytes = 2 << 20;
    private const int RunReadBytes = 256 << 10;
    private const long MostTouchedBytes = 288L << 20;
    private const int StepBytes = 1 << 20;
    private const int SequentialPercent = 45;
    private const int AgainPercent = 45;

    /// <summary>Steps that a guest leaves out; the first guest does all, so that what is read again was read.</summary>
    private const int SkipPercent = 5;

    /// <summary>How far a guest's order strays from the others', in steps: services start in parallel.</summary>
    private const int Jitter = 12;

    private readonly long _sizeBytes;
    private readonly ulong _seed;
    private readonly IReadOnlyList<BootRead>[] _steps;

    /// <summary>The boot of an image of <paramref name="sizeBytes"/>.</summary>
    public BootTrace(long sizeBytes, ulong seed)
    {
        _sizeBytes = sizeBytes;
        _seed = seed;
        var random = new SeededBytes(seed);
        var count = Math.Max(16, (int)(Math.Min(sizeBytes * 2 / 5, MostTouchedBytes) / StepBytes));
        _steps = new IReadOnlyList<BootRead>[count];
        _steps[0] = Run(random, 0, 1 << 20);
        for (var i = 1; i < count; i++)
        {
            var at = AlignDown(random.Below(sizeBytes));
            _steps[i] = random.Chance(SequentialPercent)
                ? Run(random, at, StepBytes * (1 + (int)random.Below(2)))
                : Cluster(random, at);
        }
    }

    /// <summary>The first half of a guest's boot.</summary>
    public IReadOnlyList<BootRead> FirstHalf(int guest) =>
        Order(guest, phase: 1, [.. Enumerable.Range(0, _steps.Length / 2)]);

    /// <summary>What a guest reads again between the halves, while a silo is lost: all in the first half.</summary>
    public IReadOnlyList<BootRead> Again(int guest)
    {
        var random = RandomOf(guest, phase: 2);
        return [.. Enumerable.Range(0, _steps.Length / 8)
            .SelectMany(_ => _steps[random.Below(_steps.Length / 2)])];
    }

    /// <summary>The second half: new places, and many of the first half's again.</summary>
    public IReadOnlyList<BootRead> SecondHalf(int guest)
    {
        var random = RandomOf(guest, phase: 3);
        var half = _steps.Length / 2;
        var steps = Enumerable.Range(half, _steps.Length - half).SelectMany(
            step => random.Chance(AgainPercent) ? [step, (int)random.Below(half)] : new[] { step });
        return Order(guest, phase: 4, [.. steps]);
    }

    private static IReadOnlyList<BootRead> Merge(IEnumerable<IReadOnlyList<BootRead>> steps) =>
        [.. steps.SelectMany(step => step)];

    private static long AlignDown(long offset) => offset / BlockBytes * BlockBytes;

    private IReadOnlyList<BootRead> Order(int guest, int phase, int[] steps)
    {
        var random = RandomOf(guest, phase);
        var places = steps.Select((step, place) => (Step: step, Place: place + random.Below(Jitter)))
            .Where(_ => !random.Chance(SkipPercent) || guest == 0).ToArray();
        return Merge(places.OrderBy(entry => entry.Place).Select(entry => _steps[entry.Step]));
    }

    private SeededBytes RandomOf(int guest, int phase) =>
        new(_seed ^ ((ulong)(guest + 1) << 32) ^ ((ulong)phase << 56));

    private List<BootRead> Run(SeededBytes random, long start, int bytes)
    {
        var reads = new List<BootRead>();
        for (var at = start; at < Math.Min(start + bytes, _sizeBytes); at += RunReadBytes)
        {
            Add(reads, at, RunReadBytes);
        }

        // A file rarely ends where a read does.
        Add(reads, start + bytes, BlockBytes * (1 + (int)random.Below(16)));
        return reads;
    }

    private List<BootRead> Cluster(SeededBytes random, long start)
    {
        var reads = new List<BootRead>();
        for (var left = 6 + random.Below(18); left > 0; left--)
        {
            var at = start + AlignDown(random.Below(ClusterSpanBytes));
            Add(reads, at, BlockBytes << (int)random.Below(6));
        }

        return reads;
    }

    private void Add(List<BootRead> reads, long offset, int length)
    {
        var fits = (int)Math.Min(length, _sizeBytes - offset);
        if (fits > 0)
        {
            reads.Add(new BootRead(offset, fits));
        }
    }
}
