"""A thousand clones by one call, beside as many runs of qemu-img create -b."""
from lib import servers
from lib.bench import IMAGE
from lib.load import Load
from lib.noise import Meter
from lib.ours import NAME, Silo
from lib.results import Bar

ROW, PEER, COUNT, SAMPLE = "clones-1000", "qemu-img-create", 1000, 50


class Clones(Load):
    name = "clones"
    tools = ("qemu-img",)
    bars = (Bar(ROW, "seconds", PEER, at_most=0.1),)

    def __enter__(self):
        self.place = self.bench.place.inner()
        self.silo = Silo(self.place, self.bench.library, 256)
        self.silo.clone_all(IMAGE, [f"before-{n}" for n in range(COUNT)])
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        self.bench.patience.wait()
        names = [f"vm-{number}-{n}" for n in range(COUNT)]
        yield ROW, NAME, timed(lambda: self.silo.clone_all(IMAGE, names), [self.silo])
        yield ROW, PEER, timed(lambda: self.overlays(number), [], COUNT / SAMPLE)

    def overlays(self, number):
        for n in range(SAMPLE):
            servers.create_overlay(self.bench.image, self.place.path(f"{number}-{n}.qcow2"))


def timed(action, chain, times=1):
    with Meter(chain) as meter:
        action()
    return {"seconds": meter.wall * times, "others_cores": meter.others_cores}
