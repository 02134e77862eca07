"""A clone reads the whole image once, beside one that reads its hot set over and over: the hot set stays."""
import concurrent.futures

from lib import fio
from lib.bench import IMAGE
from lib.load import Load
from lib.ours import NAME, Silo
from lib.results import Bar

ROW, BUDGET_MIB, HOT_MIB = "scan", 384, 192


class Scan(Load):
    name = ROW
    is_long = is_once = True
    tools = ("fio",)
    bars = (Bar(ROW, "hit_points", at_most=5),)

    def __enter__(self):
        library = self.bench.library
        self.place = self.bench.place.inner()
        self.silo = Silo(self.place, library, BUDGET_MIB)
        self.silo.clone_all(IMAGE, ["hot", "scanner"])
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        fetched_cold = self.pass_over_hot()
        self.read_hot(3)
        before = self.pass_over_hot()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            hot = pool.submit(self.read_hot, 10)
            self.read("scanner", fio.Load("read", "1m", 2, seconds=0))
            hot.result()
        after = self.pass_over_hot()
        yield ROW, NAME, {"hit_points": 100 * (after - before) / fetched_cold, "segments": fetched_cold,
                          "fetched_before": before, "fetched_after": after}

    def read_hot(self, seconds):
        self.read("hot", fio.Load("randread", "64k", 4, seconds=seconds, size=f"{HOT_MIB}m"))

    def pass_over_hot(self):
        """Segments that one pass over the hot set has to fetch."""
        before = self.fetched()
        self.read("hot", fio.Load("read", "1m", 4, seconds=0, size=f"{HOT_MIB}m"))
        return self.fetched() - before

    def read(self, disk, load):
        fio.run(self.silo.export(disk), load)

    def fetched(self):
        return sum(node["origin"]["segmentsFetched"] for node in self.silo.nodes())
