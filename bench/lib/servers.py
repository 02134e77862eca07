"""What people use today: the servers beside which ours runs. All serve on Unix sockets unless said otherwise."""
import json, os, re, shutil, subprocess, sys, urllib.request

from lib.center import distinct
from lib.process import Child, answers, free_port

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FLOOR = os.path.join(BENCH, "RawServer", "rawserver.c")
NBDKIT_OPERATION = re.compile(rb"connection=\d+ (?:Read|Cache) id=\d+ offset=0x([0-9a-f]+) count=0x([0-9a-f]+)")


class NbdServer(Child):
    """A child that serves one export."""

    def __init__(self, place, name, argv, socket, **options):
        super().__init__(place, name, argv, **options)
        self.socket = socket

    def ready(self, seconds=60):
        """Waits until it listens; the server itself."""
        self.until(f"listening at {self.socket}", lambda: answers(self.socket), seconds)
        return self

    @property
    def uri(self):
        return f"nbd+unix:///?socket={self.socket}"


def nbdkit(place, name, plugin, *arguments, filters=(), options=()):
    socket = place.path(f"{name}.sock")
    own = place.path(f"{name}.tmp")     # filters keep their caches there
    os.mkdir(own)
    return NbdServer(place, name, ["nbdkit", "-f", "-U", socket, *options, *(f"--filter={each}" for each in filters),
                                   plugin, *arguments], socket, env={**os.environ, "TMPDIR": own}).ready()


def nbdkit_file(place, image):
    return nbdkit(place, "nbdkit-file", "file", image, options=["-r"])


def nbdkit_memory(place, image):
    """Filled from the image, so that its pages are real."""
    server = nbdkit(place, "nbdkit-memory", "memory", str(os.path.getsize(image)))
    subprocess.run(["nbdcopy", "--allocated", image, server.uri], check=True)
    return server


def nbdkit_curl_cache(place, url, name="nbdkit-curl-cache"):
    """Lazy: blocks of 1 MiB on first touch from an HTTP center, kept."""
    return nbdkit(place, name, "curl", f"url={url}", "cache-on-read=true", "cache-min-block-size=1M",
                  filters=["cache"])


def nbdkit_nbd_cow(place, uri, name="nbdkit-nbd-cow"):
    """Lazy: what is read from an NBD center, kept in an overlay."""
    return nbdkit(place, name, "nbd", f"uri={uri}", "cow-on-read=true", filters=["cow"])


def nbdkit_nbd_cow_1m(place, uri, name="nbdkit-nbd-cow-1m"):
    return nbdkit(place, name, "nbd", f"uri={uri}", "cow-on-read=true", "cow-block-size=1M", filters=["cow"],
                  options=["-t", "64"])


def qemu_overlay(place, image, *options):
    """qemu-nbd on a new qcow2 overlay over the image."""
    overlay, socket = place.path("overlay.qcow2"), place.path("qemu.sock")
    create_overlay(image, overlay)
    return NbdServer(place, "qemu-nbd-qcow2", ["qemu-nbd", "-t", "-e", "8", *options, "-f", "qcow2", "-k", socket,
                                               overlay], socket).ready()


def create_overlay(image, overlay):
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", image, "-F", "raw", overlay], check=True)


def floor(place, image):
    """The least that a server can do, in C; None where there is no compiler."""
    if not shutil.which("cc"):
        return None
    program, socket = place.path("rawserver"), place.path("floor.sock")
    subprocess.run(["cc", "-O2", "-pthread", FLOOR, "-o", program], check=True)
    return NbdServer(place, "c-floor", [program, image, "unix", socket], socket).ready()


class HttpCenter(Child):
    """An image center: the files of a directory over HTTP, with a delay a request."""

    def __init__(self, place, directory, delay_ms):
        super().__init__(place, "http-center", [sys.executable, os.path.join(BENCH, "lib", "center.py"), directory,
                                                "--delay-ms", str(delay_ms)])
        self.port = int(self.until("telling its port", lambda: re.match(r"\d+(?=\n)", self.tail()))[0])
        self.url = f"http://127.0.0.1:{self.port}"

    def reset(self):
        self.ask("/-/reset")

    def counts(self):
        return self.ask("/-/counts")

    def ask(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)


class NbdCenter(Child):
    """The same image over NBD on TCP, as nbdkit's nbd plugin wants it, with a delay a read."""

    def __init__(self, place, image, delay_ms):
        self.operations, port = place.path("center.operations"), free_port()
        super().__init__(place, "nbd-center", [
            "nbdkit", "-f", "-r", "-t", "128", "-i", "127.0.0.1", "-p", str(port), "--filter=log", "--filter=delay",
            "file", image, f"logfile={self.operations}", "logappend=true", f"rdelay={delay_ms}ms"])
        self.until("listening", lambda: answers(port))
        self.uri = f"nbd://127.0.0.1:{port}"

    def reset(self):
        os.truncate(self.operations, 0)

    def counts(self):
        with open(self.operations, "rb") as f:
            reads = [(int(offset, 16), int(count, 16)) for offset, count in NBDKIT_OPERATION.findall(f.read())]
        return {"requests": len(reads), "bytes": sum(count for _, count in reads),
                "distinct_bytes": distinct(sorted(("", offset, offset + count) for offset, count in reads))}
