using System.Text.Json;
using SnapshotGrains.Bench.Eviction;

// Hit ratios of the segment cache and of other eviction policies, on accesses as clones make them.
// Usage: Eviction BOOT_TRACE [--json]
const int Seed = 7;
double[] shares = [0.01, 0.05, 0.1, 0.25, 0.5];
(string Name, Func<int, IPolicy> Make)[] policies =
[
    ("FIFO", slots => new ListPolicy(slots, isLru: false)),
    ("LRU", slots => new ListPolicy(slots, isLru: true)),
    ("SIEVE", slots => new Sieve(slots)),
    ("W-TinyLFU", slots => new TinyLfu(slots)),
    ("ours", slots => new OurCache(slots)),
];
if (args.Length < 1)
{
    await Console.Error.WriteLineAsync("usage: Eviction BOOT_TRACE [--json]");
    return 2;
}

Workload[] workloads =
[
    Boots.Read(args[0], Seed), Mixes.Skewed(0.8, Seed), Mixes.Skewed(1.0, Seed), Mixes.Scanned(1.0, Seed), Mixes.Loop(),
];
var rows = workloads.SelectMany(workload => shares.Select(share => new
{
    workload.Name,
    Share = share,
    HitRatios = policies.ToDictionary(policy => policy.Name, policy =>
    {
        using var cache = policy.Make((int)(workload.Segments * share));
        return workload.HitRatio(cache);
    }),
})).ToArray();
if (args.Contains("--json"))
{
    Console.WriteLine(JsonSerializer.Serialize(rows, JsonSerializerOptions.Web));
    return 0;
}

Console.WriteLine($"{"",-16}{"cache",6}{string.Concat(policies.Select(policy => $"{policy.Name,11}"))}");
foreach (var row in rows)
{
    Console.WriteLine(
        $"{row.Name,-16}{row.Share,6:P0}{string.Concat(row.HitRatios.Values.Select(ratio => $"{ratio,11:P1}"))}");
}

return 0;
