"""Reads of what is in memory: ours beside plain servers, and beside the least that a server can do."""
from lib import fio, servers
from lib.bench import IMAGE
from lib.load import Load, turned
from lib.ours import NAME, Silo
from lib.results import Bar

QD1, QD32, QD32X4, SEQUENTIAL = "warm-4k-qd1", "warm-4k-qd32", "warm-4k-qd32x4", "warm-1m"
PLAIN = (NAME, "nbdkit-file", "nbdkit-memory", "c-floor")
LOADS = {
    QD1: (dict(rw="randread", block="4k", depth=1, awake=True), PLAIN),
    QD32: (dict(rw="randread", block="4k", depth=32), PLAIN),
    QD32X4: (dict(rw="randread", block="4k", depth=8, connections=4), PLAIN),
    SEQUENTIAL: (dict(rw="read", block="1m", depth=8), (NAME, "nbdkit-file", "qemu-nbd-qcow2")),
}


class Warm(Load):
    name = "warm"
    weight = 4
    tools = ("fio", "nbdkit", "nbdcopy", "qemu-nbd", "qemu-img")
    bars = (
        Bar(QD1, "p50_us", "nbdkit-file", at_most=1.0),
        Bar(QD32, "iops", "nbdkit-file", at_least=1.5),
        Bar(QD32, "iops", "nbdkit-memory", at_least=1.0),
        Bar(QD32, "iops", "c-floor", at_least=0.8, is_aim=True),
        Bar(QD32X4, "iops", "nbdkit-file", at_least=1.5),
        Bar(QD32X4, "iops", "c-floor", at_least=0.8, is_aim=True),
        Bar(QD32, "cpu_us", "nbdkit-file", at_most=0.8),
        Bar(QD32, "cpu_us", at_most=8, is_aim=True),
        Bar(SEQUENTIAL, "mb_s", "nbdkit-file", at_least=1.2),
        Bar(SEQUENTIAL, "mb_s", "qemu-nbd-qcow2", at_least=2.0),
    )

    def __enter__(self):
        image, library, size = self.bench.image, self.bench.library, f"{self.bench.warm_mib}m"
        self.place = self.bench.place.inner()
        silo = Silo(self.place, library, 2 * self.bench.warm_mib + 64)
        silo.clone(IMAGE, "warm")
        self.who = {
            NAME: (silo, silo.export("warm")),
            **{server.name: (server, server.uri) for server in (
                servers.nbdkit_file(self.place, image), servers.nbdkit_memory(self.place, image),
                servers.qemu_overlay(self.place, image, "-r"), servers.floor(self.place, image)) if server}}
        for load in (dict(rw="read", block="1m", depth=8, seconds=0), dict(rw="randread", block="4k", depth=32)):
            for server, uri in self.who.values():
                fio.run(uri, fio.Load(**load, size=size))
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        for row, (load, names) in LOADS.items():
            for name in turned([name for name in names if name in self.who], number):
                server, uri = self.who[name]
                self.bench.patience.wait()
                yield row, name, fio.run(uri, fio.Load(**load, size=f"{self.bench.warm_mib}m",
                                                       seconds=self.bench.options.seconds), [server])
