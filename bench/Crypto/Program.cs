using System.Text.Json;
using SnapshotGrains.Bench.Crypto;

// GiB/s of one core in AES-256-XTS: median of five rounds, each path, size and direction, beside OpenSSL.
// Usage: Crypto [--json]
var results = new[] { "AesNi", "Library" }.SelectMany(XtsBench.Run).Concat(OpenSslSpeed.Run()).ToArray();
if (args.Contains("--json"))
{
    Console.WriteLine(JsonSerializer.Serialize(new { Processor.Name, results }, JsonSerializerOptions.Web));
    return;
}

Console.WriteLine(Processor.Name);
foreach (var result in results)
{
    Console.WriteLine(
        $"{result.Path,-10}{result.Direction,-10}{result.Bytes,10:N0} B{result.GibibytesPerSecond,8:F2} GiB/s");
}
