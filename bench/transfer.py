#!/usr/bin/env python3
"""Transfer of 1 MiB segments between processes over loopback, beside nginx with the same bytes in files.

  bench/transfer.py [--rounds 5] [--ms 1000] [--in-flight 1,4,16] [--json FILE]
  GrainEngine=Orleans bench/transfer.py          # and beside a grain call with the same payload

One reader process fetches from all: from a silo with the client library (checksum compared), from nginx (one worker,
sendfile) with a plain HttpClient, and from a grain of another silo (four connections; an immutable array, and a pooled
one with its own codec; neither is copied to where the reader wants it). All take turns within a round.

  warm    segments resident at the silo
  wrk     the same, fetched by wrk: what the servers do for a reader that costs nothing
  cached  segments not resident: the silo fetches each from its image center, whose files the page cache has
  disk    the same, with the page cache emptied of them, for nginx too

Needs nginx, and wrk for its rows; says which is missing, installs nothing.
"""
import argparse, glob, hashlib, json, os, re, shutil, statistics, subprocess, sys, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lib import ours
from lib.load import turned
from lib.ours import ENGINE, ROOT
from lib.process import Child, Place, answers, free_port, missing

os.environ["GrainEngine"] = ENGINE      # the reader is built for it
READER = f"{ROOT}/artifacts/{ENGINE}/bin/Transfer/release/SnapshotGrains.Transfer.dll"
MIB = 1 << 20
CACHE_MIB, IMAGE_MIB, WARM, COLD = 64, 512, 48, 100   # the cache is small, so that what was read long ago is cold


class Speaker:
    """A process of the bench that takes lines and answers them."""

    def __init__(self, place, *argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        place.keep(self)
        self.first = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(self.process.args)} ended; its messages are above")
        return line

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return json.loads(self.answer())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)


class Nginx(Child):
    """One worker that serves a directory of files."""

    def __init__(self, place, files):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        with open(place.path("nginx.conf"), "w") as f:
            f.write(f"daemon off; worker_processes 1; {'user root;' * (os.getuid() == 0)}\n"
                    f"pid {place.path('nginx.pid')};\n"
                    "events { worker_connections 256; }\n"
                    "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n"
                    + "".join(f"{each}_temp_path {place.path(each)};\n"
                              for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
                    + f"server {{ listen 127.0.0.1:{port}; root {files}; }} }}\n")
        super().__init__(place, "nginx", ["nginx", "-e", "stderr", "-c", place.path("nginx.conf")])
        self.until("listening", lambda: answers(port))


class Stage:
    """All servers with the same segments, and their reader."""

    def __init__(self, place):
        self.next_cold, self.files = 0, place.path("files")
        self.write_files(place.path("image.raw"))
        self.silo = ours.Silo(place, place.path("center"), CACHE_MIB)
        self.silo.load(place.path("image.raw"), "bench@1")
        os.unlink(place.path("image.raw"))
        nginx = Nginx(place, self.files)
        argv = ["dotnet", READER, "read", self.silo.http, "bench@1", nginx.url]
        if ENGINE == "Orleans":
            grains = free_port()
            Speaker(place, "dotnet", READER, "grains", str(grains), str(WARM))
            argv.append(str(grains))
        self.reader = Speaker(place, *argv)
        self.sources = json.loads(self.reader.first)
        self.wrk = {"nginx": nginx.url + "0", "silo": self.segment_url()} if shutil.which("wrk") else {}
        self.packs = [p for p in glob.glob(place.path("**"), recursive=True) if os.path.getsize(p) >= MIB]
        os.sync()

    def write_files(self, path):
        """Each segment as a file, and all of them as an image."""
        os.mkdir(self.files)
        with open(path, "wb") as image:
            for n in range(IMAGE_MIB):
                segment = os.urandom(MIB)
                image.write(segment)
                with open(f"{self.files}/{n}", "wb") as f:
                    f.write(segment)

    def segment_url(self):
        with urllib.request.urlopen(self.silo.http + "/v1/images/bench@1/segments", timeout=30) as answer:
            text = answer.read()
        with open(f"{self.files}/0", "rb") as f:
            digest = hashlib.sha256(f.read())
        assert digest.digest() in text
        return f"{self.silo.http}/v1/segments/base/bench@1/0/{digest.hexdigest()}"

    def origin_bytes(self):
        return sum(node["origin"]["bytesFetched"] for node in self.silo.nodes())

    def warm(self, source, in_flight, ms):
        self.reader.ask(source, 0, WARM, in_flight, 0)   # resident again after the cold ones
        before = self.origin_bytes()
        result = self.reader.ask(source, 0, WARM, in_flight, ms)
        assert self.origin_bytes() == before, "warm segments were fetched"
        return result

    def cold(self, first, source, in_flight, on_disk):
        """Like pages of the image center and of nginx's files: either all cached, or none."""
        for path in self.packs:
            with open(path, "rb") as f:
                if on_disk:
                    os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                else:
                    while f.read(8 * MIB):
                        pass
        before = self.origin_bytes()
        result = self.reader.ask(source, first, COLD, in_flight, 0)
        fetched = self.origin_bytes() - before
        # The cache may keep one or two that it has seen before.
        assert source != "silo" or fetched > 0.9 * COLD * MIB, f"only {fetched} bytes came from the image center"
        return result

    def run_wrk(self, source, in_flight, ms):
        out = subprocess.run(["wrk", "-t1", f"-c{in_flight}", f"-d{max(1, ms // 1000)}s", self.wrk[source]],
                             capture_output=True, text=True)
        rate = re.search(r"Requests/sec:\s+([\d.]+)", out.stdout)
        if not rate or "Non-2xx" in out.stdout:
            raise SystemExit(f"wrk on {source} failed: {out.stdout}{out.stderr}")
        return {"mbS": float(rate.group(1)) * MIB / 1e6, "p50Us": None}

    def settle(self):
        """So much of everything that all code is compiled; the warm segments first, to fill the cache's main queue."""
        self.reader.ask("silo", 0, WARM, 4, 2000)
        for _ in range(5):
            for source in self.sources:
                if source in ("silo", "nginx"):
                    self.reader.ask(source, 0, IMAGE_MIB, 4, 0)
                self.reader.ask(source, 0, WARM, 4, 500)

    def round(self, n, in_flights, ms, results):
        def note(what, source, result):
            results.setdefault(f"{what} x{in_flight}", {}).setdefault(source, []).append(result)

        for in_flight in in_flights:
            for source in turned(self.sources, n):
                note("warm", source, self.warm(source, in_flight, ms))
            for source in turned(list(self.wrk), n):
                note("wrk", source, self.run_wrk(source, in_flight, ms))
            for what in ("cached", "disk"):
                first = WARM + self.next_cold % (IMAGE_MIB - WARM - COLD)
                self.next_cold += COLD
                for source in turned(["silo", "nginx"], n):
                    note(what, source, self.cold(first, source, in_flight, what == "disk"))


def table(results):
    for load, sources in results.items():
        print(f"\n{load} in flight")
        for name, rounds in sources.items():
            rates = [r["mbS"] for r in rounds]
            ratios = sorted(a["mbS"] / b["mbS"] for a, b in zip(sources["silo"], rounds))
            p50 = "" if load.startswith("wrk") else f"{statistics.median(r['p50Us'] for r in rounds):,.0f} us"
            print(f"  {name:13}{statistics.median(rates):>7,.0f} MB/s ({min(rates):,.0f}–{max(rates):,.0f}){p50:>12}   "
                  f"silo ÷ it {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--ms", type=int, default=1000, help="length of a warm load")
    arguments.add_argument("--in-flight", default="1,4,16")
    arguments.add_argument("--json", help="write every round there")
    options = arguments.parse_args()
    if lacking := missing(["nginx", "dotnet"]):
        sys.exit(f"missing: {', '.join(lacking)}")
    if not shutil.which("wrk"):
        print("wrk is missing: no rows of it", file=sys.stderr)
    ours.build()
    subprocess.run(["dotnet", "build", f"{ROOT}/bench/Transfer", "-c", "Release", "--nologo", "-v", "quiet"],
                   check=True, stdout=sys.stderr)
    results = {}
    with Place(None) as place:
        stage = Stage(place)
        in_flights = [int(n) for n in options.in_flight.split(",")]
        stage.settle()
        for n in range(options.rounds):
            stage.round(n, in_flights, options.ms, results)
    table(results)
    if options.json:
        with open(options.json, "w") as f:
            json.dump(results, f, indent=1)


if __name__ == "__main__":
    main()
