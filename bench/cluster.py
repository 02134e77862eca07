#!/usr/bin/env python3
"""Three silo processes on PostgreSQL and an agent: what a guest notices when a node is killed or all are restarted.

  bench/cluster.py [--rounds 5] [--size 64M] [--depth 8] [--json FILE]

Needs the Orleans build (GrainEngine=Orleans ./snapgrains version), postgres, fio with its nbd engine and qemu-img, and
says which is missing; installs nothing. All nodes are on this machine and share the disks' directory. fio reads and
writes 4 KiB at random through the agent and checks every block (crc32c); a node goes 4 seconds into each run. The stall
is the longest request that fio saw. Prints a table, and writes JSON where asked.
"""
import argparse, glob, json, os, shutil, signal, socket, statistics, subprocess, sys, tempfile, time, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib.process import free_port

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "artifacts/Orleans/bin/Cli/release/snapgrains.dll")
RUN_SECONDS, KILL_AFTER = 16, 4


def find(tool):
    path = shutil.which(tool) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{tool}"))), None)
    return path or sys.exit(f"{tool} is missing; install it first")


def until(what, ask, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if (answer := ask()):
                return answer
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"it did not come about that {what}")


class Postgres:
    def __init__(self, directory):
        self.port, data = free_port(), os.path.join(directory, "postgres")
        os.chmod(directory, 0o711)
        os.mkdir(data)
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if user:
            shutil.chown(data, "postgres")
        subprocess.run([*user, find("initdb"), "-D", data, "-U", "snapgrains", "-A", "trust"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
        self.process = subprocess.Popen(
            [*user, find("postgres"), "-D", data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", "unix_socket_directories="], stderr=subprocess.DEVNULL, cwd="/")
        until("PostgreSQL answers", lambda: socket.create_connection(("127.0.0.1", self.port)).close() is None)

    @property
    def connection(self):
        return f"Host=127.0.0.1;Port={self.port};Username=snapgrains;Database=postgres"


class Node:
    def __init__(self, n, directory, database):
        self.name, self.directory = f"node-{n}", directory
        self.ports = [free_port() for _ in range(4)]
        self.http = f"http://127.0.0.1:{self.ports[0]}"
        self.arguments = [
            "--membership", "postgres", "--connection-string", database, "--node-name", self.name,
            "--data", f"{directory}/{self.name}", "--disks", f"{directory}/disks",
            "--image-center", f"{directory}/center",
            "--http", f"127.0.0.1:{self.ports[0]}", "--nbd", f"127.0.0.1:{self.ports[1]}",
            "--silo-port", str(self.ports[2]), "--gateway-port", str(self.ports[3])]
        self.start()

    def start(self):
        with open(f"{self.directory}/{self.name}.log", "a") as log:
            self.process = subprocess.Popen(["dotnet", PROGRAM, "silo", "--json", *self.arguments],
                                            stdout=subprocess.DEVNULL, stderr=log)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait(60)


class Cluster:
    def __init__(self, directory):
        self.directory, self.database = directory, Postgres(directory)
        self.run("cluster", "init", "--membership", "postgres", "--connection-string", self.database.connection)
        self.nodes = [Node(n, directory, self.database.connection) for n in (1, 2, 3)]
        self.wait(3)
        self.socket = f"{directory}/agent.sock"

    def run(self, *arguments):
        server = ["--server", self.nodes[0].http] if hasattr(self, "nodes") else []
        subprocess.run(["dotnet", PROGRAM, *arguments, *server], check=True, stdout=subprocess.DEVNULL)

    def get(self, path):
        for node in self.nodes:
            try:
                return json.load(urllib.request.urlopen(node.http + path, timeout=5))
            except OSError:
                continue
        raise OSError("no node answers")

    def wait(self, count):
        until(f"{count} silos are up", lambda: sum(
            node["endpoints"] is not None for node in self.get("/v1/nodes")) == count)

    def attach(self, disk):
        self.agent = subprocess.Popen(
            ["dotnet", PROGRAM, "attach", disk, "--socket", self.socket, "--server", self.nodes[0].http,
             "--fallback", self.nodes[1].http, "--fallback", self.nodes[2].http],
            stdout=subprocess.DEVNULL, stderr=open(f"{self.directory}/agent.log", "a"))
        until("the agent serves", lambda: os.path.exists(self.socket))

    def of(self, silo):
        return next(node for node in self.nodes if silo.startswith(node.name + "-"))

    def stop(self):
        for process in [self.agent, *(node.process for node in self.nodes), self.database.process]:
            process.terminate()
            process.wait(60)


def fio(cluster, disk, size, depth):
    return subprocess.Popen(
        ["fio", "--name=guest", "--ioengine=nbd", f"--uri=nbd+unix:///{disk}?socket={cluster.socket}", "--rw=randrw",
         "--bs=4k", f"--iodepth={depth}", f"--size={size}", "--time_based", f"--runtime={RUN_SECONDS}",
         "--verify=crc32c", "--verify_backlog=64", "--verify_fatal=1", "--fsync=64", "--output-format=json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cluster.directory)


def stall(job):
    out, errors = job.communicate()
    result = json.loads(out[out.index("{"):])["jobs"][0]
    if job.returncode or result["error"]:
        sys.exit(f"the guest saw an error: {errors}")
    return max(result[kind]["clat_ns"]["max"] for kind in ("read", "write")) / 1e9


def disturbed(cluster, arguments, choose, how):
    """The longest stall of a guest while a node ends, which is back before this returns."""
    job = fio(cluster, "vm", arguments.size, arguments.depth)
    time.sleep(KILL_AFTER)
    node = choose(cluster)
    node.end(how)
    node.start()
    longest = stall(job)
    cluster.wait(3)
    return longest


def home(cluster):
    return cluster.of(cluster.get("/v1/disks/vm/location")["node"])


def fullest(cluster):
    return cluster.of(max(cluster.get("/v1/nodes"), key=lambda node: node["cache"]["segments"])["name"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", default="64M")
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    for tool in ("postgres", "initdb", "fio", "qemu-img", "dotnet"):
        find(tool)
    if not os.path.exists(PROGRAM):
        sys.exit("Build first: GrainEngine=Orleans ./snapgrains version")

    with tempfile.TemporaryDirectory() as directory:
        image = os.path.join(directory, "image.raw")
        with open(image, "wb") as f:
            for n in range(128):
                f.write(os.urandom(1 << 20) if n % 4 else bytes(1 << 20))
        cluster = Cluster(directory)
        try:
            cluster.run("image", "import", image, "image@1")
            cluster.run("clone", "image@1", "vm", "vm-2", "--hydrate", "none")
            cluster.attach("vm")
            uri = f"nbd+unix:///vm?socket={cluster.socket}"
            subprocess.run(["qemu-img", "compare", "-f", "raw", "-F", "raw", image, uri],
                           check=True, stdout=subprocess.DEVNULL)
            fetched = sum(node["origin"]["bytesFetched"] for node in cluster.get("/v1/nodes"))
            print(f"read whole: identical; fetched {fetched >> 20} MiB of 96 MiB that hold data")
            cases = {
                "the disk's node is killed": (home, signal.SIGKILL),
                "the node with most segments is killed": (fullest, signal.SIGKILL),
                "the disk's node is restarted in order": (home, signal.SIGTERM),
                "another node is restarted in order": (
                    lambda c: next(node for node in c.nodes if node is not home(c)), signal.SIGTERM),
            }
            results = {"nothing": [stall(fio(cluster, "vm", arguments.size, arguments.depth))]}
            for _ in range(arguments.rounds):
                for name, (choose, how) in cases.items():
                    results.setdefault(name, []).append(disturbed(cluster, arguments, choose, how))
        finally:
            cluster.stop()

    print(f"\n{'longest stall, s':40} {'median':>8} {'least':>8} {'most':>8}")
    for name, stalls in results.items():
        print(f"{name:40} {statistics.median(stalls):8.2f} {min(stalls):8.2f} {max(stalls):8.2f}")
    if arguments.json:
        with open(arguments.json, "w") as f:
            json.dump(results, f, indent=1)


if __name__ == "__main__":
    main()
