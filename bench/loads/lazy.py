"""What the lazy loads have in common: an image center that takes its time, servers with nothing in memory."""
import concurrent.futures, contextlib

from lib import fio, servers
from lib.bench import SETTLE, SETTLE_MIB
from lib.load import Load
from lib.noise import Meter
from lib.ours import Silo


SETTLE_PARTS = 3


class LazyLoad(Load):
    """Both image centers run all the time; the servers are new for each run."""
    tools = ("fio", "nbdkit")
    takes_http = True       # whether ours can use an image center over HTTP; found out by trying

    def __enter__(self):
        root, image = self.bench.web_root, self.bench.image
        self.place = self.bench.place.inner()
        self.http = servers.HttpCenter(self.place, root, self.bench.delay_ms)
        self.nbd = servers.NbdCenter(self.place, image, self.bench.delay_ms)
        self.takes_http = self.try_http()
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    @property
    def image_url(self):
        return f"{self.http.url}/image.raw"

    def try_http(self):
        try:
            with self.fresh() as place:
                Silo(place, f"{self.http.url}/center", 64)
            return True
        except RuntimeError as error:
            reason = next((line for line in str(error).splitlines()[1:] if line.strip()), str(error))
            self.bench.say(f"{self.name}: ours does not run, for it takes no image center over HTTP: {reason.strip()}")
            return False

    def fresh(self):
        return self.bench.place.inner()

    @contextlib.contextmanager
    def cold_silo(self, place, data="data", silos=1, cache_mib=2560):
        """A silo with all code compiled and nothing of the image in memory, which is there: one that is up for long."""
        silo = Silo(place, f"{self.http.url}/center", cache_mib, data, silos, more=("--cache-populate", "on"))
        settle(silo, silo)
        try:
            yield silo
        finally:
            silo.stop()

    def counted(self, center, chain, run):
        """The figures of a run, and what the center served meanwhile."""
        self.bench.patience.wait()
        center.reset()
        with Meter(chain, [center]) as meter:
            figures = run()
        counts = center.counts()
        return {**figures, "cpu_s": meter.cpu, "others_cores": meter.others_cores, "requests": counts["requests"],
                "up_mib": counts["bytes"] / 2**20,
                "amplification": counts["bytes"] / max(1, counts["distinct_bytes"])}


def settle(silo, *hosts):
    """Each host reads a clone of another image in the ways that the loads read, part by part: the runtime compiles in
    several steps, each of which needs some calls and a while. First as clones of an image of which nothing is known, then
    once more, where what was read is loaded ahead."""
    silo.forget_traces(SETTLE)
    read_clones(silo, hosts, "settle", range(SETTLE_PARTS))
    if silo.has_trace(SETTLE):
        read_clones(silo, hosts, "settle-again", range(1))


def read_clones(silo, hosts, prefix, parts):
    """A clone a host."""
    exports = {f"{prefix}-{host.pid}": host for host in hosts}
    silo.clone_all(SETTLE, list(exports))
    for part in parts:
        with concurrent.futures.ThreadPoolExecutor(len(hosts)) as pool:
            list(pool.map(lambda disk: read_all_ways(exports[disk].export(disk), part), exports))
        for host in {silo, *hosts}:
            host.calm()


def read_all_ways(uri, part):
    size = SETTLE_MIB // SETTLE_PARTS
    for load in (dict(rw="read", block="1m", depth=4, seconds=0), dict(rw="randread", block="4k", depth=1),
                 dict(rw="randread", block="16k", depth=8)):
        fio.run(uri, fio.Load(**{"seconds": 0.3, **load}, size=f"{size}m", more=(f"--offset={part * size}m",)))
