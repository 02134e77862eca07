#!/usr/bin/env python3
"""Warm reads and clone latency of SnapshotGrains beside nbdkit's file plugin and qemu-nbd on a qcow2 overlay.

  bench/warm.py [--rounds 5] [--seconds 2] [--size 1G] [--json FILE]

Needs fio with its nbd engine, nbdkit, qemu-nbd and qemu-img, and says which is missing; installs nothing.
All servers run at once on the same image, each answers each load once a round, and the ratio is taken within
the round, because a shared machine's speed drifts. The image is read once through each server before.
"""
import argparse, contextlib, json, os, random, shutil, signal, socket, statistics, subprocess, sys, tempfile, time, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICK = os.sysconf("SC_CLK_TCK")
LOADS = {   # name: (rw, block size, queue depth, jobs)
    "4k-rand-qd1": ("randread", "4k", 1, 1),
    "4k-rand-qd32": ("randread", "4k", 32, 1),
    "4k-rand-qd32x4": ("randread", "4k", 32, 4),
    "1m-seq-qd8": ("read", "1m", 8, 1),
}


class Server:
    """A child process that serves NBD on a Unix socket."""

    def __init__(self, name, argv, socket_path, export="", ready=30):
        self.name, self.socket, self.export = name, socket_path, export
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sys.stderr)
        end = time.monotonic() + ready
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{name} did not start: {' '.join(argv)}")
            time.sleep(0.01)

    def answers(self):
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(self.socket)
                return True
            except OSError:
                return False

    @property
    def uri(self):
        return f"nbd+unix:///{self.export}?socket={self.socket}"

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def make_image(path, size):
    """A third zero, a third compressible, a third random, in runs of 1 MiB; the same bytes every time."""
    rng = random.Random(1)
    with open(path, "wb") as f:
        for n in range(size >> 20):
            kind = rng.randrange(3)
            f.write(bytes(1 << 20) if kind == 0 else rng.randbytes(1 << 20) if kind == 1
                    else (b"%016d" % n * 65536))


def api(server, method, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(server + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def fio(server, load, seconds):
    rw, bs, depth, jobs = LOADS[load]
    before = server.cpu()
    out = subprocess.run(
        ["fio", "--name=j", "--thread", "--group_reporting", "--output-format=json", "--ioengine=nbd",
         f"--uri={server.uri}", f"--rw={rw}", f"--bs={bs}", f"--iodepth={depth}", f"--numjobs={jobs}",
         "--randrepeat=1", "--time_based", f"--runtime={seconds}"], capture_output=True, text=True)
    if out.returncode:
        raise SystemExit(f"fio on {server.name} failed: {out.stderr[-500:]}")
    read = json.loads(out.stdout[out.stdout.index("{"):])["jobs"][0]["read"]
    return {"iops": read["iops"], "mb_s": read["bw_bytes"] / 1e6,
            "p50_us": read["clat_ns"]["percentile"]["50.000000"] / 1e3,
            "p99_us": read["clat_ns"]["percentile"]["99.000000"] / 1e3,
            "cpu_us_per_op": (server.cpu() - before) * 1e6 / max(1, read["total_ios"])}


def clone_latency(http, base, work):
    """Milliseconds: one clone (median of 50), 1,000 in one call, qemu-img create -b (median of 20)."""
    singles = []
    for i in range(50):
        t = time.perf_counter()
        api(http, "PUT", f"/v1/disks/single-{i}", {"snapshot": "bench@1"})
        singles.append((time.perf_counter() - t) * 1e3)
    t = time.perf_counter()
    api(http, "POST", "/v1/disks", {"snapshot": "bench@1", "names": [f"vm-{i}" for i in range(1000)]})
    batch = (time.perf_counter() - t) * 1e3
    peers = []
    for i in range(20):
        t = time.perf_counter()
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "raw",
                        f"{work}/clone-{i}.qcow2"], check=True)
        peers.append((time.perf_counter() - t) * 1e3)
    return {"clone_ms": statistics.median(singles), "clone_1000_ms": batch,
            "qemu_img_create_ms": statistics.median(peers)}


def start_ours(work, image, cache):
    http_port = free_port()
    sock = f"{work}/ours.sock"
    ours = Server("snapshotgrains", [f"{ROOT}/snapgrains", "silo", "--data", f"{work}/data", "--http",
                  f"127.0.0.1:{http_port}", "--nbd", "", "--nbd-socket", sock, "--cache-bytes", cache],
                  sock, "bench", ready=180)
    http = f"http://127.0.0.1:{http_port}"
    subprocess.run([f"{ROOT}/snapgrains", "image", "import", image, "bench@1", "--server", http, "--quiet"], check=True)
    # Thin: these loads read the parent through the segment cache; bench/writes.py measures overlays.
    api(http, "PUT", "/v1/disks/bench", {"snapshot": "bench@1", "hydration": "none"})
    return ours, http


def require(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)}")


@contextlib.contextmanager
def stage(size_mib, cache_share=1):
    """An image, our server with it, and a list of servers to add to; all are gone afterwards. The cache holds the image
    so many times over."""
    work = tempfile.mkdtemp(prefix="snapgrains-bench-")
    servers = []
    try:
        image = f"{work}/image.raw"
        make_image(image, size_mib << 20)
        ours, http = start_ours(work, image, f"{size_mib * cache_share + 64}M")
        servers.append(ours)
        yield work, image, http, servers
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(work, ignore_errors=True)


def start_qemu(work, image, *options):
    """qemu-nbd on a new qcow2 overlay over the image."""
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", image, "-F", "raw", f"{work}/o.qcow2"], check=True)
    return Server("qemu-nbd-qcow2", ["qemu-nbd", "-t", "-e", "8", *options, "-f", "qcow2", "-k", f"{work}/qemu.sock",
                  f"{work}/o.qcow2"], f"{work}/qemu.sock")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def table(results):
    for load in LOADS:
        print(f"\n{load}")
        ours = results[load]["snapshotgrains"]
        for name, rounds in results[load].items():
            row = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
            ratio = statistics.median(a["iops"] / b["iops"] for a, b in zip(ours, rounds))
            print(f"  {name:16} {row['iops']:>9,.0f} IOPS {row['mb_s']:>7,.0f} MB/s  p50 {row['p50_us']:>6.1f} us  "
                  f"p99 {row['p99_us']:>7.1f} us  CPU {row['cpu_us_per_op']:>6.1f} us/op   ours ÷ it {ratio:.2f}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2)
    arguments.add_argument("--size", type=int, default=1024, help="image size in MiB")
    arguments.add_argument("--json", help="write every round there")
    options = arguments.parse_args()
    require("fio", "nbdkit", "qemu-nbd", "qemu-img", "nbdcopy")
    with stage(options.size) as (work, image, http, servers):
        servers.append(Server("nbdkit-file", ["nbdkit", "-f", "-r", "-U", f"{work}/nbdkit.sock", "file", image],
                              f"{work}/nbdkit.sock"))
        servers.append(start_qemu(work, image, "-r"))
        for server in servers:
            subprocess.run(["nbdcopy", server.uri, "null:"], check=True)
        results = {load: {server.name: [] for server in servers} for load in LOADS}
        for n in range(options.rounds):
            for load in LOADS:
                for server in servers[n % len(servers):] + servers[:n % len(servers)]:
                    results[load][server.name].append(fio(server, load, options.seconds))
        clones = clone_latency(http, image, work)
        table(results)
        print(f"\nclone: one {clones['clone_ms']:.1f} ms, 1,000 in one call {clones['clone_1000_ms']:.0f} ms; "
              f"qemu-img create -b {clones['qemu_img_create_ms']:.1f} ms each")
        if options.json:
            json.dump({"rounds": results, "clones": clones}, open(options.json, "w"), indent=1)


if __name__ == "__main__":
    main()
