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
import argparse, glob, hashlib, json, os, re, shutil, statistics, subprocess, sys, tempfile, time, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from warm import ROOT, api, free_port, require, start_ours

ENGINE = os.environ.setdefault("GrainEngine", "InProcess")
READER = f"{ROOT}/artifacts/{ENGINE}/bin/Transfer/release/SnapshotGrains.Transfer.dll"
MIB = 1 << 20
CACHE_MIB, IMAGE_MIB, WARM, COLD = 64, 512, 48, 100   # the cache is small, so that what was read long ago is cold


class Child:
    """A process of the bench that takes lines and answers them."""

    def __init__(self, *argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
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


class Nginx:
    """One worker that serves a directory of files."""

    def __init__(self, work, files):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        with open(f"{work}/nginx.conf", "w") as f:
            f.write(f"daemon off; worker_processes 1; pid {work}/nginx.pid; {'user root;' * (os.getuid() == 0)}\n"
                    "events { worker_connections 256; }\n"
                    "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n"
                    + "".join(f"{each}_temp_path {work}/{each};\n"
                              for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
                    + f"server {{ listen 127.0.0.1:{port}; root {files}; }} }}\n")
        self.process = subprocess.Popen(["nginx", "-e", "stderr", "-c", f"{work}/nginx.conf"])
        end = time.monotonic() + 10
        while True:
            try:
                return urllib.request.urlopen(self.url + "0", timeout=5).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("nginx did not start; its messages are above")
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Stage:
    """All servers with the same segments, and their reader."""

    def __init__(self, work, parts):
        self.parts, self.next_cold, self.work = parts, 0, work
        os.environ["Logging__Console__LogLevel__Default"] = "Warning"
        os.mkdir(f"{work}/files")
        with open(f"{work}/image.raw", "wb") as image:
            for n in range(IMAGE_MIB):
                segment = os.urandom(MIB)
                image.write(segment)
                with open(f"{work}/files/{n}", "wb") as f:
                    f.write(segment)
        ours, self.http = start_ours(work, f"{work}/image.raw", f"{CACHE_MIB}M")
        os.unlink(f"{work}/image.raw")
        parts.append(ours)
        nginx = Nginx(work, f"{work}/files")
        parts.append(nginx)
        argv = ["dotnet", READER, "read", self.http, "bench@1", nginx.url]
        if ENGINE == "Orleans":
            grains = free_port()
            parts.append(Child("dotnet", READER, "grains", str(grains), str(WARM)))
            argv.append(str(grains))
        self.reader = Child(*argv)
        parts.append(self.reader)
        self.sources = json.loads(self.reader.first)
        self.wrk = {"nginx": nginx.url + "0", "silo": self.segment_url()} if shutil.which("wrk") else {}
        self.packs = [p for p in glob.glob(f"{work}/**", recursive=True) if os.path.getsize(p) >= MIB]
        os.sync()

    def segment_url(self):
        with urllib.request.urlopen(self.http + "/v1/images/bench@1/segments", timeout=30) as answer:
            text = answer.read()
        with open(f"{self.work}/files/0", "rb") as f:
            digest = hashlib.sha256(f.read())
        assert digest.digest() in text
        return f"{self.http}/v1/segments/base/bench@1/0/{digest.hexdigest()}"

    def origin_bytes(self):
        return sum(node["origin"]["bytesFetched"] for node in api(self.http, "GET", "/v1/nodes"))

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


def turned(sources, n):
    n %= max(1, len(sources))
    return sources[n:] + sources[:n]


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
    require("nginx", "dotnet")
    if not shutil.which("wrk"):
        print("wrk is missing: no rows of it", file=sys.stderr)
    subprocess.run(["dotnet", "build", f"{ROOT}/bench/Transfer", "-c", "Release", "--nologo", "-v", "quiet"],
                   check=True, stdout=sys.stderr)
    work, parts, results = tempfile.mkdtemp(prefix="snapgrains-bench-"), [], {}
    try:
        stage = Stage(work, parts)
        in_flights = [int(n) for n in options.in_flight.split(",")]
        stage.settle()
        for n in range(options.rounds):
            stage.round(n, in_flights, options.ms, results)
        table(results)
        if options.json:
            json.dump(results, open(options.json, "w"), indent=1)
    finally:
        for part in reversed(parts):
            part.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
