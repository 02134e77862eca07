"""Child processes and the places where they work: both are gone when the bench ends, whatever ends it."""
import glob, os, shutil, signal, socket, subprocess, tempfile, time

TICK = os.sysconf("SC_CLK_TCK")


class Child:
    """A process in a group of its own. What it says goes to NAME.log in its place."""

    def __init__(self, place, name, argv, **options):
        self.name, self.log = name, place.path(f"{name}.log")
        with open(self.log, "ab") as log:
            # With the kernel's help a child does not outlive a bench that is killed, or the thread that started it.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **options)
        place.keep(self)

    @property
    def pid(self):
        return self.process.pid

    def until(self, what, ask, seconds=30):
        """Waits for a true answer; says what the child said when none comes."""
        end = time.monotonic() + seconds
        while not (answer := ask()):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} {what} did not come about in {seconds} s:\n{self.tail()}")
            time.sleep(0.01)
        return answer

    def tail(self, characters=2000):
        with open(self.log, errors="replace") as log:
            return log.read()[-characters:]

    def calm(self, cores=0.1, seconds=10):
        """Waits, but not longer than so long, until the process takes less than so many cores: it has compiled then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            before = self.cpu()
            time.sleep(0.3)
            if (self.cpu() - before) / 0.3 < cores:
                return

    def cpu(self):
        """User and system seconds so far, its children's included."""
        return sum(cpu_of(pid) for pid in family(self.pid))

    def rss(self):
        """Resident bytes, its children's included."""
        return sum(rss_of(pid) for pid in family(self.pid))

    def stop(self, patience=30):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)     # what it may have left behind
        except ProcessLookupError:
            pass
        self.process.wait(10)


class Place:
    """A scratch directory and the processes that work in it. Leaving it stops these, the last first."""

    def __init__(self, parent, prefix="snapgrains-bench-"):
        self.directory = tempfile.mkdtemp(prefix=prefix, dir=parent)
        os.chmod(self.directory, 0o755)
        self.children = []

    def inner(self):
        """A place of its own in this one; short, for the path of a socket has 107 characters at most."""
        return Place(self.directory, "")

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def keep(self, child):
        self.children.append(child)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.stop()
        shutil.rmtree(self.directory, ignore_errors=True)


def family(pid):
    """The process and all beneath it."""
    yield pid
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as f:
                children = f.read().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def cpu_of(pid):
    return sum(split_cpu(pid))


def split_cpu(pid):
    """Seconds in user space and in the kernel so far; none of a process that has gone."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0, 0.0
    return int(fields[11]) / TICK, int(fields[12]) / TICK


def rss_of(pid):
    try:
        with open(f"/proc/{pid}/status") as f:
            return next((int(line.split()[1]) << 10 for line in f if line.startswith("VmRSS:")), 0)
    except OSError:
        return 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(address):
    """Whether somebody listens there: a path, or a port on this machine."""
    is_port = isinstance(address, int)
    with socket.socket(socket.AF_INET if is_port else socket.AF_UNIX) as s:
        try:
            s.connect(("127.0.0.1", address) if is_port else address)
            return True
        except OSError:
            return False


def missing(tools):
    """Those of the programs that are not on the PATH."""
    return [tool for tool in tools if not shutil.which(tool)]
