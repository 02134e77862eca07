"""Loads by fio with its NBD engine."""
import json, subprocess
from dataclasses import dataclass, field

from lib.noise import Meter, Spinners


@dataclass(frozen=True)
class Load:
    """What fio does on each of its connections."""
    rw: str                     # randread, read, randwrite, write
    block: str                  # 4k, 1m
    depth: int                  # requests in flight on a connection
    connections: int = 1
    seconds: float = 2          # 0: once over the size
    size: str = None            # bytes of the export that it uses
    awake: bool = False         # cores are kept awake
    seed: int = 7
    more: tuple = field(default=())

    @property
    def side(self):
        return "write" if "write" in self.rw else "read"

    def arguments(self, uri):
        yield from ("fio", "--name=bench", "--thread", "--group_reporting", "--output-format=json", "--ioengine=nbd",
                    f"--uri={uri}", f"--rw={self.rw}", f"--bs={self.block}", f"--iodepth={self.depth}",
                    f"--numjobs={self.connections}", "--allrandrepeat=1", f"--randseed={self.seed}",
                    "--percentile_list=50:99:99.9", *self.more)
        if self.seconds:
            yield from ("--time_based", f"--runtime={int(self.seconds * 1000)}ms")
        if self.size:
            yield f"--size={self.size}"
        if self.connections > 1 and self.rw == "read":      # each its own stretch
            yield f"--offset_increment={100 // self.connections}%"


def run(uri, load, servers=(), cwd=None):
    """IOPS, MB/s, latencies in microseconds, the servers' CPU microseconds per operation, others' cores; seconds, where
    the load has an end of its own."""
    with Meter(servers) as meter, Spinners(load.awake):
        out = subprocess.run(list(load.arguments(uri)), capture_output=True, text=True, cwd=cwd)
    if out.returncode:
        raise RuntimeError(f"fio on {uri} failed: {out.stderr[-800:] or out.stdout[-400:]}")
    side = json.loads(out.stdout[out.stdout.index("{"):])["jobs"][0][load.side]
    return {**figures(side, meter), **({} if load.seconds else {"seconds": side["runtime"] / 1e3})}


def figures(side, meter):
    percentile = {key: value / 1e3 for key, value in side["clat_ns"].get("percentile", {}).items()}
    return {"iops": side["iops"], "mb_s": side["bw_bytes"] / 1e6,
            "p50_us": percentile.get("50.000000", 0), "p99_us": percentile.get("99.000000", 0),
            "p999_us": percentile.get("99.900000", 0), "max_us": side["clat_ns"]["max"] / 1e3,
            "cpu_us": meter.cpu * 1e6 / max(1, side["total_ios"]), "others_cores": meter.others_cores}
