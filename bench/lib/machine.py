"""Where and with what the figures were taken."""
import datetime, os, platform, re, subprocess


def describe(version):
    return {"cpu": processor(), "cores": os.cpu_count(), "memory_gib": round(memory_bytes() / 2**30, 1),
            "kernel": platform.release(), "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
            "load": os.getloadavg()[0], "snapgrains": version,
            **{tool: first_line(tool, "--version") for tool in ("fio", "nbdkit", "qemu-nbd")}}


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
