"""Our own server, started as a user starts it: built in Release, a silo, an agent, the HTTP API."""
import json, os, subprocess, time, urllib.error, urllib.request

from lib.process import Child, free_port
from lib.servers import NbdServer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENGINE = os.environ.get("GrainEngine", "InProcess")
PROGRAM = os.path.join(ROOT, f"artifacts/{ENGINE}/bin/Cli/release/snapgrains.dll")
NAME = "snapgrains"
TRACE_SECONDS = 10   # so long a trace may take to be kept
QUIET = {**os.environ, "Logging__Console__LogLevel__Default": "Warning"}


def build():
    """Brings the program up to date, and tells its version."""
    return subprocess.run([os.path.join(ROOT, "snapgrains"), "version"], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()


class Silo(NbdServer):
    """Silos in one process over an image center, a directory or URL."""

    def __init__(self, place, center, cache_mib, data="data", silos=1, name=NAME, settings=(),
                 more=()):
        self.http, socket = f"http://127.0.0.1:{free_port()}", place.path(f"{name}.sock")
        super().__init__(place, name, [
            "dotnet", PROGRAM, "silo", "--data", place.path(data), "--image-center", center, "--silos", str(silos),
            "--http", self.http.removeprefix("http://"), "--nbd", f"127.0.0.1:{free_port()}", "--nbd-socket", socket,
            "--cache-bytes", f"{cache_mib}M", *more], socket, env={**QUIET, **dict(settings)})
        self.ready()
        self.until("getting ready", self.is_well, 60)

    def is_well(self):
        try:
            self.api("GET", "/healthz/ready")
            return True
        except OSError:
            return False

    def api(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.http + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise OSError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')[:500]}") from error
        return json.loads(text) if text[:1] in (b"{", b"[") else None

    def load(self, image, name):
        """Imports a raw image."""
        subprocess.run(["dotnet", PROGRAM, "image", "import", image, name, "--server", self.http, "--quiet"],
                       check=True)

    def clone(self, snapshot, disk):
        """A thin disk: it reads its parent through the segment cache."""
        self.api("PUT", f"/v1/disks/{disk}", {"snapshot": snapshot, "hydration": "none"})

    def clone_all(self, snapshot, disks):
        self.api("POST", "/v1/disks", {"snapshot": snapshot, "names": disks, "hydration": "none"})

    def export(self, disk):
        return f"nbd+unix:///{disk}?socket={self.socket}"

    def traces(self, image):
        """None where this build keeps none."""
        try:
            return self.api("GET", f"/v1/images/{image}/traces")
        except OSError:
            return None

    def has_trace(self, image):
        """Whether it has kept a trace of how the image was read; waits for it."""
        end = time.monotonic() + TRACE_SECONDS
        while (found := self.traces(image)) == [] and time.monotonic() < end:
            time.sleep(0.2)
        return bool(found)

    def forget_traces(self, image):
        for trace in self.traces(image) or []:
            self.api("DELETE", f"/v1/images/{image}/traces/{trace['name'].get('profile') or 'none'}")

    def nodes(self):
        return self.api("GET", "/v1/nodes")


class Agent(NbdServer):
    """A compute host's agent: it attaches what its guests ask for. Wait until it is ready."""

    def __init__(self, place, silo, cache_mib=256):
        socket = place.path("agent.sock")
        super().__init__(place, "agent", ["dotnet", PROGRAM, "attach", "--socket", socket, "--server", silo.http,
                                          "--cache-bytes", f"{cache_mib}M", "--cache-populate"], socket, env=QUIET)

    def export(self, disk):
        return f"nbd+unix:///{disk}?socket={self.socket}"


class Library:
    """An image center's directory with images in it, made once by an import."""

    def __init__(self, place, images):
        self.directory = place.path("center")
        silo = Silo(place, self.directory, 256, data="import-data", name="importer")
        for name, path in images.items():
            silo.load(path, name)
        silo.stop()
