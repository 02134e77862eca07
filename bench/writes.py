#!/usr/bin/env python3
"""Writable disks beside qemu-nbd on a qcow2 overlay, and what hydration costs a guest.

  bench/writes.py [--rounds 5] [--seconds 2] [--size 256] [--disks 8]

Loads 1: writes to a clone and reads of what was written, ours and qemu-nbd's (which does not flush by itself) in
turns. Loads 2: warm random reads of a thin clone, alone and while other clones of the same image hydrate; the ratio of
the 99th percentiles is taken within a round. Needs fio with its nbd engine, qemu-nbd and qemu-img.
"""
import argparse, json, os, statistics, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from warm import api, require, stage, start_qemu

WRITES = [("randwrite", "4k", 32), ("randwrite", "4k", 1), ("randread", "4k", 32), ("randread", "4k", 1),
          ("write", "1m", 4), ("read", "1m", 4)]


def fio(uri, rw, bs, depth, seconds):
    out = subprocess.run(
        ["fio", "--name=j", "--thread", "--output-format=json", "--ioengine=nbd", f"--uri={uri}", f"--rw={rw}",
         f"--bs={bs}", f"--iodepth={depth}", "--randrepeat=0", "--time_based", f"--runtime={seconds}"],
        capture_output=True, text=True)
    if out.returncode:
        raise SystemExit(f"fio on {uri} failed: {out.stderr[-500:]}")
    side = json.loads(out.stdout[out.stdout.index("{"):])["jobs"][0]["write" if "write" in rw else "read"]
    percentile = side["clat_ns"]["percentile"]
    return {"iops": side["iops"], "p50": percentile["50.000000"] / 1e3, "p99": percentile["99.000000"] / 1e3}


def medians(rounds):
    return {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}


def compare_writes(ours, qemu, options):
    for load in WRITES:
        a, b = [], []
        for _ in range(options.rounds):
            a.append(fio(ours, *load, options.seconds))
            b.append(fio(qemu, *load, options.seconds))
        x, y = medians(a), medians(b)
        ratio = statistics.median(m["iops"] / n["iops"] for m, n in zip(a, b))
        print(f"{load[0]:9} {load[1]} QD{load[2]:<3} ours {x['iops']:>8,.0f} IOPS p50 {x['p50']:>7.0f} p99 "
              f"{x['p99']:>7.0f} us   qemu-nbd {y['iops']:>8,.0f} IOPS p50 {y['p50']:>7.0f} p99 {y['p99']:>7.0f} us   "
              f"ours ÷ it {ratio:.2f}", flush=True)


def hydrate_beside(http, guest, options):
    for depth in (1, 16):
        ratios, rates = [], []
        for n in range(options.rounds):
            alone = fio(guest, "randread", "4k", depth, options.seconds)
            names = [f"h{depth}-{n}-{i}" for i in range(options.disks)]
            api(http, "POST", "/v1/disks", {"snapshot": "bench@1", "names": names, "hydration": "none"})
            for name in names:
                api(http, "POST", f"/v1/disks/{name}/hydration", {"command": "start"})
            beside = fio(guest, "randread", "4k", depth, options.seconds)
            copied = sum(api(http, "GET", f"/v1/disks/{name}/hydration")["hydratedBytes"] for name in names)
            for name in names:
                api(http, "POST", f"/v1/disks/{name}/hydration", {"command": "pause"})
                api(http, "DELETE", f"/v1/disks/{name}")
            ratios.append(beside["p99"] / alone["p99"])
            rates.append(copied / 1e6 / options.seconds)
        print(f"guest randread 4k QD{depth} with {options.disks} disks hydrating at {statistics.median(rates):.0f} MB/s: "
              f"p99 {statistics.median(ratios):.2f} times that without (rounds {[round(r, 2) for r in ratios]})")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2)
    arguments.add_argument("--size", type=int, default=256, help="image size in MiB")
    arguments.add_argument("--disks", type=int, default=8, help="disks that hydrate beside the guest")
    options = arguments.parse_args()
    require("fio", "qemu-nbd", "qemu-img")
    with stage(options.size) as (work, image, http, servers):
        ours = servers[0]
        api(http, "PUT", "/v1/disks/guest", {"snapshot": "bench@1", "hydration": "none"})
        qemu = start_qemu(work, image)
        servers.append(qemu)
        guest = ours.uri.replace("bench", "guest", 1)
        for uri in (ours.uri, qemu.uri, guest):
            fio(uri, "read", "1m", 8, options.seconds * 2)
        compare_writes(ours.uri, qemu.uri, options)
        hydrate_beside(http, guest, options)


if __name__ == "__main__":
    main()
