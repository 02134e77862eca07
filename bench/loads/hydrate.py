"""What hydration costs a guest: warm reads alone, and while other clones of the same image hydrate."""
from lib import fio
from lib.bench import IMAGE
from lib.load import Load
from lib.ours import NAME, Silo

DEPTHS, DISKS = (1, 16), 8
ALONE, BESIDE = "alone", NAME


def row_of(depth):
    return f"hydrate-qd{depth}"


class Hydrate(Load):
    name = "hydrate"
    is_long = True
    tools = ("fio",)

    def __enter__(self):
        library = self.bench.library
        self.place = self.bench.place.inner()
        self.silo = Silo(self.place, library, 2 * self.bench.warm_mib + 64)
        self.silo.clone(IMAGE, "guest")
        self.read(fio.Load("read", "1m", 8, seconds=0, size=self.size))
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    @property
    def size(self):
        return f"{self.bench.warm_mib}m"

    def round(self, number):
        for depth in DEPTHS:
            load = fio.Load("randread", "4k", depth, seconds=self.bench.options.seconds, size=self.size)
            self.bench.patience.wait()
            yield row_of(depth), ALONE, self.read(load)
            disks = [f"h{depth}-{number}-{n}" for n in range(DISKS)]
            self.silo.clone_all(IMAGE, disks)
            self.command(disks, "start")
            figures = self.read(load)
            copied = sum(self.silo.api("GET", f"/v1/disks/{disk}/hydration")["hydratedBytes"] for disk in disks)
            self.command(disks, "pause")
            for disk in disks:
                self.silo.api("DELETE", f"/v1/disks/{disk}")
            yield row_of(depth), BESIDE, {**figures, "copied_mb_s": copied / 1e6 / load.seconds}

    def command(self, disks, word):
        for disk in disks:
            self.silo.api("POST", f"/v1/disks/{disk}/hydration", {"command": word})

    def read(self, load):
        return fio.run(self.silo.export("guest"), load, [self.silo])
