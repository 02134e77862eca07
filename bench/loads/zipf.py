"""Segments of unequal fame read from three silos: none has much more to do than the others."""
import statistics

from lib import fio
from lib.bench import IMAGE
from lib.load import Load
from lib.ours import NAME, Agent, Silo
from lib.results import Bar

ROW, SILOS, SKEW = "zipf", 3, "zipf:1.1"


class Zipf(Load):
    """Through an agent with the smallest cache, so that what is read often is asked of its silo often."""
    name = ROW
    is_long = is_once = True
    tools = ("fio",)
    bars = (Bar(ROW, "busiest", at_most=1.25),)

    def __enter__(self):
        library = self.bench.library
        self.place = self.bench.place.inner()
        self.silo = Silo(self.place, library, 1024, silos=SILOS)
        self.silo.clone(IMAGE, "famous")
        self.uri = Agent(self.place, self.silo, cache_mib=16).ready().export("famous")
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        fio.run(self.uri, fio.Load("read", "1m", 4, seconds=0))
        before = self.served()
        figures = fio.run(self.uri, fio.Load("randread", "1m", 8, seconds=20,
                                                   more=(f"--random_distribution={SKEW}",)), [self.silo])
        served = [after - earlier for earlier, after in zip(before, self.served())]
        yield ROW, NAME, {**{key: figures[key] for key in ("iops", "mb_s", "p50_us", "p99_us")}, "served": served,
                          "busiest": max(served) / statistics.mean(served)}

    def served(self):
        """How often each silo's cache was asked."""
        return [node["cache"]["hits"] + node["cache"]["misses"]
                for node in sorted(self.silo.nodes(), key=lambda node: node["name"])]
