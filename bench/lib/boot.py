#!/usr/bin/env python3
"""A boot: the reads of a real one, in their order, one at a time, without the guest's pauses.

  bench/lib/boot.py URI      says that it is ready, waits for a line, replays, and prints figures as JSON
"""
import argparse, json, os, subprocess, sys, time

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TRACE = os.path.join(BENCH, "traces", "debian-boot.csv")
SECTOR, SEGMENT = 512, 1 << 20
IMAGE_MIB = 2048    # the size of the disk that the trace was recorded on


def read_trace():
    """(offset, length) in bytes."""
    with open(TRACE) as f:
        lines = [line.split(",") for line in f if not line.startswith("#")]
    return [(int(offset) * SECTOR, int(length) * SECTOR) for offset, length in lines]


def segments_in_order(reads):
    """The segments, each where it is first read."""
    return list(dict.fromkeys(
        n for offset, length in reads for n in range(offset // SEGMENT, (offset + length - 1) // SEGMENT + 1)))


def replay(uri):
    """Attaching is part of a boot. `end` is on the machine's monotonic clock, which all processes share."""
    reads = read_trace()
    view, times = memoryview(bytearray(max(length for _, length in reads))), []
    print("ready", flush=True)
    sys.stdin.readline()
    client = Client(uri)
    for offset, length in reads:
        at = time.perf_counter()
        client.read(offset, view[:length])
        times.append(time.perf_counter() - at)
    end = time.monotonic()
    client.close()
    times.sort()
    return {"end": end, "p50_us": times[len(times) // 2] * 1e6, "p99_us": times[len(times) * 99 // 100] * 1e6}


def boot_all(uris, prepare=lambda: None):
    """All boot at once, each in a process of its own: the slowest's seconds, the median p50, the worst p99.
    `prepare` makes what they attach; its time counts."""
    processes = [subprocess.Popen([sys.executable, os.path.abspath(__file__), uri], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True) for uri in uris]
    for process in processes:
        process.stdout.readline()
    start = time.monotonic()
    prepare()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    boots = [json.loads(answer(process)) for process in processes]
    return {"seconds": max(boot["end"] for boot in boots) - start,
            "p50_us": sorted(boot["p50_us"] for boot in boots)[len(boots) // 2],
            "p99_us": max(boot["p99_us"] for boot in boots)}


def answer(process):
    text, _ = process.communicate(timeout=300)
    if process.returncode:
        raise RuntimeError(f"a boot failed; its messages are above: {' '.join(process.args)}")
    return text


if __name__ == "__main__":
    sys.path.insert(0, BENCH)
    from lib.nbd import Client
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("uri")
    options = parser.parse_args()
    print(json.dumps(replay(options.uri)))
