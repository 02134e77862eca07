using System.Globalization;

namespace SnapshotGrains.Bench.Eviction;

/// <summary>
/// Clones of many images that start, a few at a time: each reads as the recorded boot did, of segments of its image's
/// own. Which image is next follows a Zipf distribution, as popularity does.
/// </summary>
internal static class Boots
{
    private const int SectorBytes = 512;
    private const int SegmentBytes = 1 << 20;
    private const int Images = 40;
    private const int Count = 600;
    private const int AtATime = 8;

    public static Workload Read(string path, int seed)
    {
        int[] boot = [.. File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#').SelectMany(SegmentsOf)];
        var perImage = boot.Max() + 1;
        return new Workload("boots", Images * boot.Distinct().Count(), [.. Interleave(boot, perImage, seed)]);
    }

    private static IEnumerable<int> SegmentsOf(string line)
    {
        var parts = line.Split(',');
        var offset = long.Parse(parts[0], CultureInfo.InvariantCulture) * SectorBytes;
        var end = offset + (long.Parse(parts[1], CultureInfo.InvariantCulture) * SectorBytes);
        for (var segment = offset / SegmentBytes; segment * SegmentBytes < end; segment++)
        {
            yield return (int)segment;
        }
    }

    private static IEnumerable<Access> Interleave(int[] boot, int perImage, int seed)
    {
        var random = new Random(seed);
        var images = new Zipf(Images, 0.9, random);
        var running = new List<(int Image, int At)>();
        for (var started = 0; started < Count || running.Count > 0;)
        {
            while (running.Count < AtATime && started++ < Count)
            {
                running.Add((images.Next(), 0));
            }

            var turn = random.Next(running.Count);
            var (image, at) = running[turn];
            yield return new Access((image * perImage) + boot[at], IsScan: false);
            running[turn] = (image, at + 1);
            if (at + 1 == boot.Length)
            {
                running.RemoveAt(turn);
            }
        }
    }
}
