"""Cold clones that boot at once, more and more of them, over more and more silos of one process."""
from lib.bench import IMAGE
from lib.boot import boot_all
from loads.lazy import LazyLoad

CLONES, SILOS = (1, 4, 16, 64, 256), (1, 2, 4, 8)
CACHE_MIB = 2048    # of all silos together


def row_of(silos):
    return f"storm-{silos}-silos"


class Storm(LazyLoad):
    name = "storm"
    is_long = is_once = True
    weight = 4
    tools = ("fio", "nbdkit")

    def round(self, number):
        for silos in SILOS if self.takes_http else ():
            for count in CLONES:
                yield row_of(silos), f"{count} clones", self.storm(silos, count)

    def storm(self, silos, count):
        disks = [f"vm-{n}" for n in range(count)]
        with self.fresh() as place, self.cold_silo(place, silos=silos, cache_mib=CACHE_MIB // silos) as silo:
            return self.counted(self.http, [silo], lambda: boot_all(
                [silo.export(disk) for disk in disks], lambda: silo.clone_all(IMAGE, disks)))
