using System.Net;
using System.Net.Sockets;
using SnapshotGrains.Nbd;

// Serves random bytes from memory: the ceiling of src/Nbd.
// Usage: NbdCeiling SIZE_MIB (unix PATH | tcp PORT); runs until SIGINT or SIGTERM.
if (args.Length != 3 || !int.TryParse(args[0], out var mebibytes))
{
    await Console.Error.WriteLineAsync("usage: NbdCeiling SIZE_MIB (unix PATH | tcp PORT)");
    return 2;
}

EndPoint endpoint = args[1] == "unix"
    ? new UnixDomainSocketEndPoint(args[2])
    : new IPEndPoint(IPAddress.Loopback, int.Parse(args[2]));
using var disk = new MemoryDisk(mebibytes * 1024L * 1024);
var fill = new byte[1024 * 1024];
new Random(1).NextBytes(fill);
for (var i = 0; i < mebibytes; i++)
{
    disk.Write(i * 1024L * 1024, fill);
}

var exports = new NbdExportTable().Add("", () => new MemoryExport(disk, ""));
await using var server = new NbdServer(exports, new NbdServerOptions { Endpoints = [endpoint] });
server.Start();
using var stop = new SemaphoreSlim(0);
using var onTerminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, Stop);
using var onInterrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGINT, Stop);
await stop.WaitAsync();
return 0;

void Stop(System.Runtime.InteropServices.PosixSignalContext context)
{
    context.Cancel = true;
    stop.Release();
}
