using System.Text.Json;
using SnapshotGrains;
using SnapshotGrains.Bench.Transfer;

// Usage: Transfer read SILO_URL SNAPSHOT FILES_URL [GRAIN_PORT]
//        Transfer grains PORT SEGMENTS
// 'read' takes lines "SOURCE FIRST COUNT IN_FLIGHT MILLISECONDS" and answers each with a line of JSON; 'grains' serves
// the same payload from grains, until its standard input ends.
if (args is ["grains", var port, var segments])
{
    await using var silo = await GrainSources.ServeAsync(int.Parse(port), int.Parse(segments));
    Console.WriteLine("ready");
    await Console.In.ReadLineAsync();
    return 0;
}

if (args is not ["read", var server, var snapshot, var files, ..])
{
    await Console.Error.WriteLineAsync("usage: Transfer read SILO_URL SNAPSHOT FILES_URL [GRAIN_PORT]");
    return 2;
}

var sources = new Dictionary<string, ISource>
{
    ["silo"] = await SiloSource.ConnectAsync(new Uri(server), SnapshotId.Parse(snapshot)),
    ["nginx"] = new FileSource(new Uri(files)),
};
await using var grains = args.Length > 4 ? await GrainSources.ConnectAsync(int.Parse(args[4]), sources) : null;
Console.WriteLine(JsonSerializer.Serialize(sources.Keys));
while (await Console.In.ReadLineAsync() is { } line)
{
    var words = line.Split(' ');
    var result = await Load.Parse(words.AsSpan(1)).RunAsync(sources[words[0]]);
    Console.WriteLine(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
}

return 0;
