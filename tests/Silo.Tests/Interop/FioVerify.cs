using System.Text.Json;

namespace SnapshotGrains.Silo.Tests.Interop;

/// <summary>
/// fio's nbd engine, 4 KiB random writes 16 deep, every block with its checksum and its place inside. fio draws the
/// same blocks in every run, so that a later one can check what an earlier one wrote.
/// </summary>
internal sealed class FioVerify(TestSilo silo, string disk, int offsetMebibytes, int mebibytes)
{
    private const int BlockBytes = 4096;

    private long Blocks => ((long)mebibytes << 20) / BlockBytes;

    /// <summary>Writes each block of the range once, then reads all back.</summary>
    public async Task WriteAsync()
    {
        var job = await RunAsync(silo.UnixUri(disk), "--do_verify=1");
        job.GetProperty("write").GetProperty("total_ios").GetInt64().Should().Be(Blocks);
        job.GetProperty("read").GetProperty("total_ios").GetInt64().Should().Be(Blocks, "all is read back");
    }

    /// <summary>Checks what <see cref="WriteAsync"/> wrote, over a connection that cannot write.</summary>
    public async Task VerifyAsync(string when)
    {
        var job = await RunAsync(silo.UnixUri($"{disk}:ro"), "--verify_only=1");
        job.GetProperty("read").GetProperty("total_ios").GetInt64().Should().Be(Blocks, "all is read {0}", when);
    }

    /// <summary>Whether fio complains.</summary>
    public async Task<bool> FindsErrorAsync() =>
        (await Tool.RunAsync("fio", Arguments(silo.UnixUri(disk), "--verify_only=1"))).ExitCode != 0;

    private async Task<JsonElement> RunAsync(string uri, string mode)
    {
        var output = await Tool.CheckAsync("fio", Arguments(uri, mode));
        var job = JsonDocument.Parse(output[output.IndexOf('{')..]).RootElement.GetProperty("jobs")[0];
        job.GetProperty("error").GetInt32().Should().Be(0, output);
        return job;
    }

    private string[] Arguments(string uri, string mode) =>
    [
        "--name=verify", "--ioengine=nbd", $"--uri={uri}", "--rw=randwrite", $"--bs={BlockBytes}", "--iodepth=16",
        $"--offset={offsetMebibytes}M", $"--size={mebibytes}M", "--verify=crc32c", "--verify_fatal=1",
        "--output-format=json", mode,
    ];
}
