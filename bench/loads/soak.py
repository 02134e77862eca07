"""Half an hour of random reads over ten times the cache's budget: memory stays, and nobody waits for a second."""
import concurrent.futures, time

from lib import fio, image
from lib.bench import IMAGE
from lib.load import Load
from lib.ours import NAME, Silo
from lib.results import Bar

ROW = "soak"
SAMPLE_SECONDS, WARM_UP = 5, 0.2    # memory counts from this share of the time on


class Soak(Load):
    name = ROW
    is_long = is_once = True
    weight = 8
    tools = ("fio",)
    bars = (Bar(ROW, "rss_growth", at_most=1.05), Bar(ROW, "max_s", at_most=1.0))

    def __enter__(self):
        budget = image.data_bytes(self.bench.image) // 10 >> 20
        library = self.bench.library
        self.place = self.bench.place.inner()
        self.silo = Silo(self.place, library, budget)
        self.silo.clone(IMAGE, "soaked")
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        seconds = self.bench.options.soak_minutes * 60
        load = fio.Load("randread", "4k", 4, seconds=seconds)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            job = pool.submit(fio.run, self.silo.export("soaked"), load, [self.silo])
            sizes = list(self.sample(job, time.monotonic() + WARM_UP * seconds))
            figures = job.result()
        yield ROW, NAME, {**{key: figures[key] for key in ("iops", "p50_us", "p99_us", "p999_us", "cpu_us")},
                          "max_s": figures["max_us"] / 1e6, "rss_growth": max(sizes) / min(sizes),
                          "rss_mib": [size >> 20 for size in sizes]}

    def sample(self, job, begin):
        while not job.done():
            time.sleep(min(SAMPLE_SECONDS, self.bench.options.soak_minutes))
            if time.monotonic() >= begin:
                yield self.silo.rss()
