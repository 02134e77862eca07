"""A cluster as its users have it: three silo processes on PostgreSQL, and agents, all of them on this machine."""
import glob, json, os, secrets, shutil, signal, ssl, subprocess, time, urllib.request

from lib.load import turned
from lib.ours import QUIET, ROOT
from lib.process import Child, answers, free_port

PROGRAM = os.path.join(ROOT, "artifacts/Orleans/bin/Cli/release/snapgrains.dll")
NODES = (1, 2, 3)
PATIENCE = 300      # seconds for whatever a user waits for
TOOLS = ("postgres", "initdb", "openssl", "fio", "qemu-img", "dotnet")


def find(tool):
    """Where a program is; PostgreSQL's are not on the PATH everywhere. None when it is not there."""
    return shutil.which(tool) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{tool}"))), None)


class Postgres(Child):
    def __init__(self, place):
        self.port, data = free_port(), place.path("postgres")
        os.mkdir(data)
        # Whoever changes his user loses the signal that ends him with his parent, and asks for it once more.
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "TERM"] \
            if os.geteuid() == 0 else []
        if user:
            shutil.chown(data, "postgres")
        subprocess.run([*user, find("initdb"), "-D", data, "-U", "snapgrains", "-A", "trust"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
        super().__init__(place, "postgresql", [
            *user, find("postgres"), "-D", data, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories="], cwd="/")
        self.until("listening", lambda: answers(self.port))

    @property
    def connection(self):
        return f"Host=127.0.0.1;Port={self.port};Username=snapgrains;Database=postgres"


class Secrets:
    """The cluster's key-encryption key; with TLS, an authority, a certificate for this machine and a token too."""

    def __init__(self, place, tls):
        self.kek, self.tls = self.file(place, "kek", secrets.token_hex(32)), tls
        if not tls:
            return
        self.token = self.file(place, "token", secrets.token_hex(32))
        self.ca, self.certificate, self.key = (place.path(name) for name in ("ca.pem", "node.pem", "node.key"))
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.openssl("req", "-x509", *new, "-days", "2", "-subj", "/CN=bench CA", "-keyout", place.path("ca.key"),
                     "-addext", "basicConstraints=critical,CA:TRUE", "-out", self.ca)
        self.openssl("req", "-new", *new, "-subj", "/CN=node", "-keyout", self.key, "-out", place.path("node.csr"))
        extensions = self.file(place, "node.ext", "subjectAltName=IP:127.0.0.1\n"
                               "extendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n")
        self.openssl("x509", "-req", "-in", place.path("node.csr"), "-CA", self.ca, "-CAkey", place.path("ca.key"),
                     "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", self.certificate)

    @staticmethod
    def file(place, name, text):
        with open(place.path(name), "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(text)
        return place.path(name)

    @staticmethod
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def of_silo(self):
        tls = ["--token", f"file:{self.token}", "--tls-cert", self.certificate, "--tls-key", self.key,
               "--tls-ca", self.ca] if self.tls else []
        return ["--kek", f"file:{self.kek}", *tls]

    def of_client(self):
        return ["--token", f"file:{self.token}", "--ca", self.ca] if self.tls else []


class Node:
    """A silo process that can end and start again."""

    def __init__(self, place, n, keys, arguments):
        self.name, self.place, ports = f"node-{n}", place, [free_port() for _ in range(4)]
        self.http = f"http{'s' * keys.tls}://127.0.0.1:{ports[0]}"
        self.arguments = [
            "--node-name", self.name, "--data", place.path(self.name), "--http", f"127.0.0.1:{ports[0]}",
            "--nbd", f"127.0.0.1:{ports[1]}", "--silo-port", str(ports[2]), "--gateway-port", str(ports[3]),
            *keys.of_silo(), *arguments]
        self.start()

    def start(self):
        self.child = Child(self.place, self.name, ["dotnet", PROGRAM, "silo", *self.arguments], env=QUIET)

    def end(self, how):
        self.child.process.send_signal(how)
        self.child.process.wait(60)
        self.place.children.remove(self.child)


class Cluster:
    """Its nodes share the disks' directory, as on a network file system."""

    def __init__(self, place, tls=False):
        self.place, self.secrets, database = place, Secrets(place, tls), Postgres(place).connection
        members = ["--membership", "postgres", "--connection-string", database]
        subprocess.run(["dotnet", PROGRAM, "cluster", "init", *members], check=True, stdout=subprocess.DEVNULL)
        self.nodes = [Node(place, n, self.secrets, [
            *members, "--disks", place.path("disks"), "--image-center", place.path("center")]) for n in NODES]
        self.wait(len(NODES))
        self.agents = []

    def run(self, *arguments):
        """What a user types; its output."""
        return subprocess.run(
            ["dotnet", PROGRAM, *arguments, "--server", self.nodes[0].http, *self.secrets.of_client()],
            check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE).stdout

    def restart(self):
        """All nodes end, in order, and start anew: nothing is left in memory."""
        for node in self.nodes:
            node.end(signal.SIGTERM)
        for node in self.nodes:
            node.start()
        self.wait(len(self.nodes))

    def get(self, path):
        context = ssl.create_default_context(cafile=self.secrets.ca) if self.secrets.tls else None
        for node in self.nodes:
            request = urllib.request.Request(node.http + path)
            if self.secrets.tls:
                with open(self.secrets.token) as f:
                    request.add_header("Authorization", f"Bearer {f.read().strip()}")
            try:
                with urllib.request.urlopen(request, timeout=5, context=context) as answer:
                    return json.load(answer)
            except OSError:
                continue
        raise OSError("no node answers")

    def wait(self, count):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                if sum(node["endpoints"] is not None for node in self.get("/v1/nodes")) == count:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit("\n".join([f"not all of {count} silos are up:", *(n.child.tail() for n in self.nodes)]))

    def attach(self):
        """One more agent for all disks, as a compute host has it; each asks another node first."""
        name, (first, *others) = f"agent-{len(self.agents)}", turned(self.nodes, len(self.agents))
        agent = Child(self.place, name, [
            "dotnet", PROGRAM, "attach", "--socket", self.place.path(f"{name}.sock"), "--server", first.http,
            *(option for node in others for option in ("--fallback", node.http)),
            "--kek", f"file:{self.secrets.kek}", *self.secrets.of_client()], env=QUIET)
        agent.until("serving", lambda: answers(self.place.path(f"{name}.sock")))
        self.agents.append(agent)

    def export(self, disk, host=0):
        """The disk at an agent."""
        return f"nbd+unix:///{disk}?socket={self.place.path(f'{self.agents[host].name}.sock')}"

    def fetched(self):
        """Bytes that came from the image center."""
        return sum(node["origin"]["bytesFetched"] for node in self.get("/v1/nodes"))

    def home(self, disk):
        """The node that holds what its guest writes."""
        return self.of(self.get(f"/v1/disks/{disk}/location")["node"])

    def fullest(self):
        return self.of(max(self.get("/v1/nodes"), key=lambda node: node["cache"]["segments"])["name"])

    def of(self, silo):
        return next(node for node in self.nodes if silo.startswith(node.name + "-"))
