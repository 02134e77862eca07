"""Writes to a clone, each of which lands in the clone's own overlay, and reads of what was written."""
from lib import fio, servers
from lib.bench import IMAGE
from lib.load import Load, turned
from lib.ours import Silo
from lib.results import Bar

ROW = "write-4k-qd32"
QUICK = {ROW: ("randwrite", "4k", 32)}
FULL = {**QUICK, "write-4k-qd1": ("randwrite", "4k", 1), "overlay-4k-qd32": ("randread", "4k", 32),
        "overlay-4k-qd1": ("randread", "4k", 1), "write-1m": ("write", "1m", 4), "overlay-1m": ("read", "1m", 4)}


class Write(Load):
    """Neither server flushes by itself."""
    name = "write"
    tools = ("fio", "qemu-nbd", "qemu-img")
    bars = (Bar(ROW, "iops", "qemu-nbd-qcow2", at_least=1.0),)

    def __enter__(self):
        image, library = self.bench.image, self.bench.library
        self.place = self.bench.place.inner()
        silo = Silo(self.place, library, 2 * self.bench.warm_mib + 64)
        silo.clone(IMAGE, "written")
        qemu = servers.qemu_overlay(self.place, image)
        self.who = [(silo, silo.export("written")), (qemu, qemu.uri)]
        for server, uri in self.who:
            fio.run(uri, self.load("read", "1m", 8, 0))
            fio.run(uri, self.load("randwrite", "4k", 32, 0.5))     # compiled, and its files are there
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        for row, kind in (FULL if self.bench.options.full else QUICK).items():
            for server, uri in turned(self.who, number):
                self.bench.patience.wait()
                load = self.load(*kind, self.bench.options.seconds, number + 1)
                yield row, server.name, fio.run(uri, load, [server])

    def load(self, rw, block, depth, seconds, seed=0):
        return fio.Load(rw, block, depth, seconds=seconds, size=f"{self.bench.warm_mib}m", seed=seed)
