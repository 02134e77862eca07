"""Where a warm read's time goes on the server: system calls, context switches, CPU in user space and in the kernel."""
import contextlib, signal, subprocess

from lib import fio, servers
from lib.bench import IMAGE
from lib.load import Load, turned
from lib.ours import NAME, Silo
from lib.process import split_cpu

LOADS = {"cost-4k-qd1": ("randread", "4k", 1), "cost-4k-qd32": ("randread", "4k", 32), "cost-1m": ("read", "1m", 8)}
EVENTS = {"raw_syscalls:sys_enter": "syscalls", "context-switches": "switches"}


class Cost(Load):
    """Counted by perf in the kernel, which disturbs far less than a tracer."""
    name = "cost"
    is_long = True
    tools = ("fio", "nbdkit", "perf")

    def __enter__(self):
        image, library = self.bench.image, self.bench.library
        self.place = self.bench.place.inner()
        silo = Silo(self.place, library, 2 * self.bench.warm_mib + 64)
        silo.clone(IMAGE, "costed")
        plain = [servers.nbdkit_file(self.place, image), servers.floor(self.place, image)]
        self.who = {NAME: (silo, silo.export("costed")), **{each.name: (each, each.uri) for each in plain if each}}
        for _, uri in self.who.values():
            fio.run(uri, self.load("read", "1m", 8, 0))
            fio.run(uri, self.load("randread", "4k", 32, 2))
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def round(self, number):
        for row, kind in LOADS.items():
            for who in turned(list(self.who), number):
                server, uri = self.who[who]
                self.bench.patience.wait()
                yield row, who, self.counted(server, uri, self.load(*kind, self.bench.options.seconds))

    def counted(self, server, uri, load):
        before = split_cpu(server.pid)
        with counters(server.pid) as counts:
            figures = fio.run(uri, load, [server])
        user, kernel = (after - earlier for earlier, after in zip(before, split_cpu(server.pid)))
        operations = figures["iops"] * load.seconds
        return {"iops": figures["iops"], "user_us": user * 1e6 / operations, "kernel_us": kernel * 1e6 / operations,
                **{name: count / operations for name, count in counts.items()}, "others_cores": figures["others_cores"]}

    def load(self, rw, block, depth, seconds):
        return fio.Load(rw, block, depth, seconds=seconds, size=f"{self.bench.warm_mib}m")


@contextlib.contextmanager
def counters(pid):
    """What the process did while the block ran; filled at its end."""
    counts = {}
    perf = subprocess.Popen(["perf", "stat", "-x,", "-e", ",".join(EVENTS), "-p", str(pid)],
                            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        yield counts
    finally:
        perf.send_signal(signal.SIGINT)
        _, said = perf.communicate(timeout=30)
    for line in said.splitlines():
        count, _, event, *_ = [*line.split(","), "", ""]
        if event in EVENTS and count.isdigit():
            counts[EVENTS[event]] = int(count)
