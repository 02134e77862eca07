"""Cold clones that boot: one, and eight on as many hosts at the same time.

The clock of a boot runs from its connection on; ours from the call on that makes the clones, so that nothing can be
loaded ahead for free.
"""
import contextlib, http.client, time, urllib.parse

from lib import servers
from lib.bench import IMAGE
from lib.boot import SEGMENT, boot_all, read_trace, segments_in_order
from lib.load import turned
from lib.ours import NAME, Agent
from lib.results import Bar
from loads.lazy import LazyLoad, settle

ONE, MANY, HOSTS = "boot-1", "boot-8", 8
TRACED, AGENTS = f"{NAME} traced", f"{NAME} agents"
AGENTS_TRACED, GETS = f"{AGENTS} traced", "GETs in a row"
CACHE, COW = "nbdkit-curl-cache", "nbdkit-nbd-cow-1m"


class Boot(LazyLoad):
    name = "boot"
    weight = 4
    tools = ("fio", "nbdkit")
    bars = (
        Bar(ONE, "seconds", CACHE, at_most=0.6),
        Bar(ONE, "seconds", CACHE, at_most=0.3, ours=TRACED),
        Bar(MANY, "seconds", CACHE, at_most=0.35),
        Bar(MANY, "seconds", CACHE, at_most=0.35, ours=TRACED),
        Bar(MANY, "amplification", at_most=1.0),
        Bar(MANY, "seconds", CACHE, at_most=0.35, ours=AGENTS),
        Bar(MANY, "seconds", CACHE, at_most=0.35, ours=AGENTS_TRACED),
        Bar(MANY, "amplification", at_most=1.0, ours=AGENTS),
    )

    def round(self, number):
        runs = [self.cache, self.cow, self.gets] + [self.clones, self.agents] * self.takes_http
        for run in turned(runs, number):
            yield from run()

    def cache(self):
        return self.hosts(CACHE, self.http, lambda host: servers.nbdkit_curl_cache(host, self.image_url))

    def cow(self):
        return self.hosts(COW, self.nbd, lambda host: servers.nbdkit_nbd_cow_1m(host, self.nbd.uri))

    def hosts(self, name, center, start):
        """Peers share nothing: a server a host, each with a cache of its own."""
        for row, count in ((ONE, 1), (MANY, HOSTS)):
            with contextlib.ExitStack() as stack:
                chain = [start(stack.enter_context(self.fresh())) for _ in range(count)]
                yield row, name, self.counted(center, chain, lambda: boot_all([each.uri for each in chain]))

    def gets(self):
        """The image center's part of a boot, and the least that one without foresight can take."""
        yield ONE, GETS, self.counted(self.http, [], lambda: get_in_order(self.image_url))

    def clones(self):
        """One clone of an image without history and eight at once, then the same again after that boot."""
        many = [f"vm-{n}" for n in range(HOSTS)]
        with self.fresh() as place:
            with self.cold_silo(place, data="data-of-many") as silo:
                yield MANY, NAME, self.boot(silo, many)
            with self.cold_silo(place) as silo:
                yield ONE, NAME, self.boot(silo, ["first"])
                if not silo.has_trace(IMAGE):
                    return
            with self.cold_silo(place) as silo:
                yield ONE, TRACED, self.boot(silo, ["second"])
            with self.cold_silo(place) as silo:
                yield MANY, TRACED, self.boot(silo, many)

    def boot(self, silo, disks):
        return self.counted(self.http, [silo], lambda: boot_all(
            [silo.export(disk) for disk in disks], lambda: silo.clone_all(IMAGE, disks)))

    def agents(self):
        """Eight compute hosts, each an agent with a cache of its own over the one silo; then again, after that boot."""
        with self.fresh() as place:
            for name in (AGENTS, AGENTS_TRACED):
                with self.cold_silo(place) as silo, contextlib.ExitStack() as stack:
                    yield MANY, name, self.boot_hosts(silo, stack, name)
                    if not silo.has_trace(IMAGE):
                        return

    def boot_hosts(self, silo, stack, prefix):
        hosts = [Agent(stack.enter_context(self.fresh()), silo) for _ in range(HOSTS)]
        for host in hosts:
            host.ready()
        disks = {f"{prefix.replace(' ', '-')}-{n}": host for n, host in enumerate(hosts)}
        settle(silo, *hosts)
        return self.counted(self.http, [silo, *hosts], lambda: boot_all(
            [host.export(disk) for disk, host in disks.items()], lambda: silo.clone_all(IMAGE, list(disks))))


def get_in_order(url):
    """The boot's segments, one range GET after the other."""
    parts, buffer = urllib.parse.urlsplit(url), bytearray(SEGMENT)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    start = time.perf_counter()
    for segment in segments_in_order(read_trace()):
        first = segment * SEGMENT
        connection.request("GET", parts.path, headers={"Range": f"bytes={first}-{first + SEGMENT - 1}"})
        answer = connection.getresponse()
        while answer.readinto(buffer):
            pass
        if answer.status != 206:
            raise RuntimeError(f"the image center answered {answer.status} to a range of {url}")
    seconds = time.perf_counter() - start
    connection.close()
    return {"seconds": seconds}
