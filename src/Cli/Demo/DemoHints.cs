namespace SnapshotGrains.Cli.Demo;

/// <summary>What to try on a demo that keeps running.</summary>
internal static class DemoHints
{
    /// <summary>Prints the addresses and commands to copy.</summary>
    public static void Write(TextWriter output, DemoCluster cluster)
    {
        var tcp = cluster.NbdUris.First(uri => uri.StartsWith("nbd://", StringComparison.Ordinal));
        var socket = cluster.NbdUris.First(uri => uri.StartsWith("nbd+unix:", StringComparison.Ordinal));
        var onSocket = socket.Replace("///", "///vm1", StringComparison.Ordinal);
        output.WriteLine();
        output.WriteLine($"Still running. NBD: {tcp} and {socket}");
        output.WriteLine("Try in another terminal:");
        output.WriteLine($"  snapgrains status --server {cluster.HttpAddress}");
        output.WriteLine($"  snapgrains clone demo@v1 mine --server {cluster.HttpAddress}");
        output.WriteLine($"  nbdinfo {tcp}/mine");
        output.WriteLine($"  qemu-img info {tcp}/mine");
        output.WriteLine($"  nbdcopy '{onSocket}' /tmp/vm1.raw");
        output.WriteLine($"  qemu-system-x86_64 -m 1G -snapshot -drive file={tcp}/mine,format=raw,if=virtio");
        output.WriteLine("Ctrl-C stops it and deletes its data.");
        output.Flush();
    }
}
