"""Where and with what the figures were taken."""
import datetime, mmap, os, platform, re, subprocess

POPULATE_WRITE = 23     # madvise(2); Python has no name for it


def describe(version):
    return {"cpu": processor(), "cores": os.cpu_count(), "memory_gib": round(memory_bytes() / 2**30, 1),
            "kernel": platform.release(), "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
            "load": os.getloadavg()[0], "snapgrains": version,
            **{tool: first_line(tool, "--version") for tool in ("fio", "nbdkit", "qemu-nbd")}}


def touch_memory(gib):
    """Uses so much memory once, and gives it back. The host of a virtual machine may add each page when it is first
    used, which takes fifty times as long as the guest's own work on it: whoever comes first would pay for all."""
    pages = [mmap.mmap(-1, 1 << 30) for _ in range(gib)]
    for page in pages:
        page.madvise(POPULATE_WRITE)
    for page in pages:
        page.close()


def processor():
    with open("/proc/cpuinfo") as f:
        match = re.search(r"model name\s*: (.*)", f.read())
    return match[1] if match else platform.machine()


def memory_bytes():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return "absent"
