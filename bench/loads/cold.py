"""A whole image read from end to end by one connection, with nothing of it in memory."""
import http.client, time, urllib.parse

from lib import fio, servers
from lib.bench import IMAGE
from lib.load import turned
from lib.ours import NAME
from lib.results import Bar
from loads.lazy import LazyLoad

ROW, COW, GETS = "cold-read", "nbdkit-nbd-cow", "range GETs"
RANGE_BYTES = 16 << 20


class Cold(LazyLoad):
    name = "cold"
    tools = ("fio", "nbdkit")
    bars = (Bar(ROW, "seconds", COW, at_most=0.6), Bar(ROW, "mb_s", GETS, at_least=0.95))

    @property
    def size_mib(self):
        return self.bench.options.cold_mib

    def round(self, number):
        runs = [self.cow, self.gets] + [self.ours] * self.takes_http
        for run in turned(runs, number):
            yield from run()

    def cow(self):
        with self.fresh() as place:
            server = servers.nbdkit_nbd_cow(place, self.nbd.uri)
            yield ROW, COW, self.counted(self.nbd, [server], lambda: self.read(server.uri))

    def gets(self):
        yield ROW, GETS, self.counted(self.http, [], lambda: get_ranges(self.image_url, self.size_mib << 20))

    def ours(self):
        with self.fresh() as place, self.cold_silo(place) as silo:
            silo.clone(IMAGE, "cold")
            yield ROW, NAME, self.counted(self.http, [silo], lambda: self.read(silo.export("cold")))

    def read(self, uri):
        figures = fio.run(uri, fio.Load("read", "1m", 4, seconds=0, size=f"{self.size_mib}m"))
        return {key: figures[key] for key in ("seconds", "mb_s", "p50_us", "p99_us")}


def get_ranges(url, size):
    """What one client gets that asks for large ranges, one after the other, and throws them away."""
    parts, buffer = urllib.parse.urlsplit(url), bytearray(1 << 20)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    start = time.perf_counter()
    for first in range(0, size, RANGE_BYTES):
        connection.request("GET", parts.path, headers={"Range": f"bytes={first}-{min(size, first + RANGE_BYTES) - 1}"})
        answer = connection.getresponse()
        if answer.status != 206:
            raise RuntimeError(f"the image center answered {answer.status} to a range of {url}")
        while answer.readinto(buffer):
            pass
    seconds = time.perf_counter() - start
    connection.close()
    return {"seconds": seconds, "mb_s": size / 1e6 / seconds}
