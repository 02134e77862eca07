#!/usr/bin/env python3
"""Three silo processes on PostgreSQL and agents: whether all of it works, and what a guest notices of a node's end.

  bench/cluster.py [--tls] [--rounds 5] [--size 64M] [--depth 8] [--json FILE]

First what a user does on a cluster, each step checked: disks read whole, eight cold clones at once, a batch of 1,000,
a striped replica under a key, an encrypted snapshot's clone without one, hydration. Then fio reads and writes 4 KiB at
random through the agent and checks every block (crc32c); a node goes 4 seconds into each run, and the stall is the
longest request that fio saw, flushes included. All nodes are on this machine and share the disks' directory. With --tls
what goes between nodes, agents and the command line is encrypted, and the API asks for a token.

Needs the Orleans build (GrainEngine=Orleans ./snapgrains version), postgres, openssl, fio with its nbd engine and
qemu-img, and says which is missing; installs nothing. Prints tables, and writes the stalls as JSON where asked. Ends
with 1 as soon as something is not as it should be.
"""
import argparse, contextlib, json, os, signal, statistics, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib.cluster import PATIENCE, PROGRAM, TOOLS, Cluster, find
from lib.process import Place

RUN_SECONDS, KILL_AFTER = 16, 4
SEGMENTS, HOSTS, COLD_CLONES, BATCH = 128, 3, 8, 1000
DATA_BYTES = sum(1 << 20 for n in range(SEGMENTS) if n % 4)


def make_image(path):
    """Segments of 1 MiB, a quarter of them holes, and no two alike."""
    with open(path, "wb") as f:
        for n in range(SEGMENTS):
            f.write(os.urandom(1 << 20) if n % 4 else bytes(1 << 20))
    return path


def check(is_so, what):
    if not is_so:
        sys.exit(f"WRONG: {what}")


def compare(cluster, image, disks):
    """Reads disks whole through the agents, in turn, all at once, and compares with the image."""
    readers = [subprocess.Popen(
        ["qemu-img", "compare", "-f", "raw", "-F", "raw", image, cluster.export(disk, n % HOSTS)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for n, disk in enumerate(disks)]
    for disk, reader in zip(disks, readers):
        said = reader.communicate(timeout=PATIENCE)[0]
        check(reader.returncode == 0, f"{disk} is not like its image: {said}")


class Steps:
    """What a user does. Each returns what it came to."""

    def __init__(self, cluster, place):
        self.cluster, self.place = cluster, place
        self.image = self.load("image@1")

    def load(self, name):
        path = make_image(self.place.path(f"{name}.raw"))
        self.cluster.run("image", "import", path, name)
        return path

    def whole(self):
        self.cluster.run("clone", "image@1", "vm", "--hydrate", "none")
        before = self.cluster.fetched()
        compare(self.cluster, self.image, ["vm"])
        fetched = self.cluster.fetched() - before
        check(fetched == DATA_BYTES, f"{fetched} bytes were fetched for {DATA_BYTES}")
        return f"identical; {fetched >> 20} MiB fetched, as many as hold data"

    def cold(self):
        image, names = self.load("cold@1"), [f"cold-{n}" for n in range(COLD_CLONES)]
        self.cluster.run("clone", "cold@1", *names, "--hydrate", "none")
        before = self.cluster.fetched()
        compare(self.cluster, image, names)
        fetched = self.cluster.fetched() - before
        check(fetched == DATA_BYTES, f"{fetched} bytes were fetched, {DATA_BYTES} are distinct")
        amplification = self.cluster.get("/v1/status")["reads"]["originAmplification"]
        check(amplification == 1, f"status says that the image center gave {amplification} times what was needed")
        return f"identical; {fetched >> 20} MiB fetched, each byte once"

    def batch(self):
        self.cluster.run("clone", "image@1", "--count", str(BATCH), "--prefix", "batch-", "--wait")
        names = [name for name in self.cluster.run("disk", "ls", "-q").split() if name.startswith("batch-")]
        check(len(names) == BATCH, f"there are {len(names)} disks")
        compare(self.cluster, self.image, ["batch-1", f"batch-{BATCH}"])
        return f"{BATCH} disks; the first and the last are identical"

    def replica(self):
        self.cluster.run("key", "create", "tenant")
        form = ["--key", "tenant", "--stripe-unit", "64K", "--stripe-count", "3"]
        self.cluster.run("replica", "create", "image@1", *form, "--build", "eager", "--wait")
        self.cluster.run("clone", "image@1", "secret", *form, "--hydrate", "none")
        self.cluster.restart()
        compare(self.cluster, self.image, ["secret"])
        check(self.made() == 0, "what is kept was made again")
        check(self.made("segmentsReloaded") > 0, "nothing was read of what is kept")
        return "built, kept and verified under a key; after a restart a clone is identical and makes nothing anew"

    def made(self, how="segmentsDerived"):
        return sum(node["derivation"][how] for node in self.cluster.get("/v1/nodes"))

    def opened(self):
        self.cluster.run("disk", "snapshot", "secret", "secret@1")
        self.cluster.run("clone", "secret@1", "open", "--key", "plain", "--hydrate", "none")
        derived = self.made()
        compare(self.cluster, self.image, ["open"])
        check(self.made() == derived, "a silo made plaintext for the agent")
        return "identical; a clone without a key, decrypted by the agent"

    def hydration(self):
        self.cluster.run("clone", "cold@1", "own")
        self.cluster.run("disk", "flatten", "own", "--wait")
        state = self.cluster.get("/v1/disks/own")["state"]
        check(state == "ready", f"its state is {state}")
        compare(self.cluster, self.place.path("cold@1.raw"), ["own"])
        return "ready; identical"


def walk(cluster, place):
    steps = Steps(cluster, place)
    for name, step in {"read whole": steps.whole, f"{COLD_CLONES} cold clones": steps.cold,
                       "batch clone": steps.batch, "replica": steps.replica, "decryption": steps.opened,
                       "hydration": steps.hydration}.items():
        start = time.monotonic()
        result = step()
        print(f"{name:16} {time.monotonic() - start:6.1f} s  {result}", flush=True)
    print("segments         " + ", ".join(
        f"{node['name']} {node['cache']['segments']}" for node in cluster.get("/v1/nodes")))


def fio(cluster, disk, size, depth):
    return subprocess.Popen(
        ["fio", "--name=guest", "--ioengine=nbd", f"--uri={cluster.export(disk)}", "--rw=randrw", "--bs=4k",
         f"--iodepth={depth}", f"--size={size}", "--time_based", f"--runtime={RUN_SECONDS}", "--verify=crc32c",
         "--verify_backlog=64", "--verify_fatal=1", "--fsync=64", "--output-format=json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cluster.place.directory)


def stall(job):
    try:
        out, errors = job.communicate(timeout=RUN_SECONDS + PATIENCE)
    except subprocess.TimeoutExpired:
        job.kill()
        check(False, f"the guest hangs: {job.communicate()[1]}")
    check(job.returncode == 0, f"the guest saw an error: {errors}{out[-2000:]}")
    result = json.loads(out[out.index("{"):])["jobs"][0]
    check(result["error"] == 0, f"the guest saw an error: {errors}")
    times = {"read": "clat_ns", "write": "clat_ns", "sync": "lat_ns"}
    return max(result[kind][time]["max"] for kind, time in times.items()) / 1e9


def disturbed(cluster, options, choose, how):
    """The longest stall of a guest while a node ends, which is back before this returns."""
    job = fio(cluster, "vm", options.size, options.depth)
    time.sleep(KILL_AFTER)
    node = choose(cluster)
    node.end(how)
    node.start()
    longest = stall(job)
    cluster.wait(len(cluster.nodes))
    return longest


def disturb(cluster, options):
    cases = {
        "the disk's node is killed": (lambda c: c.home("vm"), signal.SIGKILL),
        "the node with most segments is killed": (Cluster.fullest, signal.SIGKILL),
        "the disk's node is restarted in order": (lambda c: c.home("vm"), signal.SIGTERM),
        "another node is restarted in order": (
            lambda c: next(node for node in c.nodes if node is not c.home("vm")), signal.SIGTERM),
    }
    results = {"nothing": [stall(fio(cluster, "vm", options.size, options.depth))]}
    for _ in range(options.rounds):
        for name, (choose, how) in cases.items():
            results.setdefault(name, []).append(disturbed(cluster, options, choose, how))
    return results


@contextlib.contextmanager
def told(place):
    """When something is not as it should be, tells what all processes said last."""
    try:
        yield
    except (Exception, SystemExit):
        for child in place.children:
            print(f"\n== {child.name}\n{child.tail()}", file=sys.stderr)
        raise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tls", action="store_true", help="encrypt what goes over a network, and ask for a token")
    parser.add_argument("--rounds", type=int, default=5, help="of nodes that end; 0 for the steps alone")
    parser.add_argument("--size", default="64M")
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--json")
    options = parser.parse_args()
    if lacking := [tool for tool in TOOLS if not find(tool)]:
        sys.exit(f"missing: {', '.join(lacking)}")
    if not os.path.exists(PROGRAM):
        sys.exit("Build first: GrainEngine=Orleans ./snapgrains version")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # so that children are stopped
    with Place(None) as place, told(place):
        cluster = Cluster(place, options.tls)
        for _ in range(HOSTS):
            cluster.attach()
        walk(cluster, place)
        results = disturb(cluster, options) if options.rounds else {}
    if results:
        print(f"\n{'longest stall, s':40} {'median':>8} {'least':>8} {'most':>8}")
    for name, stalls in results.items():
        print(f"{name:40} {statistics.median(stalls):8.2f} {min(stalls):8.2f} {max(stalls):8.2f}")
    if options.json:
        with open(options.json, "w") as f:
            json.dump(results, f, indent=1)


if __name__ == "__main__":
    main()
