"""What the machine does besides: figures of a disturbed round are left out."""
import os, resource, subprocess, time

from lib.process import TICK

QUIET_CORES = 0.3   # a round in which other processes took more does not count


def busy_seconds():
    """CPU seconds that the whole machine has spent, stolen ones included."""
    with open("/proc/stat") as f:
        fields = [int(word) for word in f.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK


class Patience:
    """Waits for a quiet machine, but for all runs together not longer than so long."""

    def __init__(self, seconds):
        self.seconds = seconds

    def wait(self, below=0.25):
        """Until the machine has used less than so many cores for 0.4 s."""
        while self.seconds > 0:
            before = busy_seconds()
            time.sleep(0.4)
            self.seconds -= 0.4
            if (busy_seconds() - before) / 0.4 < below:
                return


def total_cpu(servers):
    return sum(server.cpu() for server in servers)


class Meter:
    """CPU seconds of the servers, and cores that others took, while a block runs. What `besides` are, are no others."""

    def __init__(self, servers=(), besides=()):
        self.servers, self.besides = servers, besides

    def __enter__(self):
        self.at, self.busy, self.own = time.monotonic(), busy_seconds(), self.own_seconds()
        self.before, self.before_besides = total_cpu(self.servers), total_cpu(self.besides)
        return self

    def __exit__(self, *_):
        self.wall = time.monotonic() - self.at
        self.cpu = total_cpu(self.servers) - self.before
        own = self.own_seconds() - self.own + self.cpu + total_cpu(self.besides) - self.before_besides
        self.others_cores = max(0.0, (busy_seconds() - self.busy - own) / max(self.wall, 0.001))

    @staticmethod
    def own_seconds():
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime + time.process_time()


class Spinners:
    """Keeps the cores from halting: waking a halted virtual core costs tens of microseconds, which would hide the
    server at depth 1. They run only when nobody else wants the core (SCHED_IDLE)."""

    def __init__(self, wanted):
        self.count, self.processes = os.cpu_count() if wanted else 0, []

    def __enter__(self):
        self.processes = [subprocess.Popen(["chrt", "-i", "0", "sh", "-c", "while :; do :; done"])
                          for _ in range(self.count)]

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()
