"""Writes to a clone: each lands in the clone's own overlay."""
from lib import fio, servers
from lib.bench import IMAGE
from lib.load import Load, turned
from lib.ours import Silo
from lib.results import Bar

ROW = "write-4k-qd32"


class Write(Load):
    name = "write"
    tools = ("fio", "qemu-nbd", "qemu-img")
    bars = (Bar(ROW, "iops", "qemu-nbd-qcow2", at_least=1.0),)

    def __enter__(self):
        image, library = self.bench.image, self.bench.library
        self.place = self.bench.place.inner()
        silo = Silo(self.place, library, self.bench.warm_mib)
        silo.clone(IMAGE, "written")
        qemu = servers.qemu_overlay(self.place, image)
        self.who = [(silo, silo.export("written")), (qemu, qemu.uri)]
        list(self.run(0.5))     # compiled, and its files are there
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def run(self, seconds, number=0):
        for server, uri in turned(self.who, number):
            load = fio.Load("randwrite", "4k", 32, seconds=seconds, size=f"{self.bench.warm_mib}m", seed=number)
            yield server.name, fio.run(uri, load, [server])

    def round(self, number):
        self.bench.patience.wait()
        for name, figures in self.run(self.bench.options.seconds, number + 1):
            yield ROW, name, figures
