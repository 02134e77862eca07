#!/usr/bin/env python3
"""A boot: the reads of a real one, in their order, one at a time, without the guest's pauses.

  bench/lib/boot.py URI [--start EPOCH]      replays it and prints seconds, p50_us, p99_us as JSON
"""
import argparse, json, os, subprocess, sys, time

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TRACE = os.path.join(BENCH, "traces", "debian-boot.csv")
SECTOR, SEGMENT = 512, 1 << 20
PREPARE_SECONDS = 0.03
IMAGE_MIB = 2048    # the size of the disk that the trace was recorded on


def read_trace():
    """(offset, length) in bytes."""
    with open(TRACE) as f:
        lines = [line.split(",") for line in f if not line.startswith("#")]
    return [(int(offset) * SECTOR, int(length) * SECTOR) for offset, length in lines]


def segments_of(reads):
    return {n for offset, length in reads for n in range(offset // SEGMENT, (offset + length - 1) // SEGMENT + 1)}


def replay(uri, start):
    """From the connection on: attaching is part of a boot."""
    reads = read_trace()
    buffer, times = bytearray(max(length for _, length in reads)), []
    view = memoryview(buffer)
    time.sleep(max(0, start - time.time()))
    begin = time.perf_counter()
    client = Client(uri)
    for offset, length in reads:
        at = time.perf_counter()
        client.read(offset, view[:length])
        times.append(time.perf_counter() - at)
    seconds = time.perf_counter() - begin
    client.close()
    times.sort()
    return {"seconds": seconds, "p50_us": times[len(times) // 2] * 1e6, "p99_us": times[len(times) * 99 // 100] * 1e6}


def boot_all(uris, prepare=None):
    """All boot at once, each in a process of its own: the slowest's seconds, the median p50, the worst p99.
    `prepare` makes what they attach, shortly before; the time from its begin on counts."""
    lead = 0.5 + 0.06 * len(uris)
    start, ahead = time.time() + lead, 0
    processes = [subprocess.Popen([sys.executable, os.path.abspath(__file__), uri, "--start", str(start)],
                                  stdout=subprocess.PIPE, text=True) for uri in uris]
    if prepare:
        time.sleep(max(0, start - time.time() - PREPARE_SECONDS))
        ahead = max(0, start - time.time())
        prepare()
    boots = [json.loads(answer(process)) for process in processes]
    return {"seconds": ahead + max(boot["seconds"] for boot in boots),
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
    parser.add_argument("--start", type=float, default=0)
    options = parser.parse_args()
    print(json.dumps(replay(options.uri, options.start)))
