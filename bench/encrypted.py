#!/usr/bin/env python3
"""Warm reads and writes of encrypted disks beside qemu-nbd and nbdkit on a LUKS1 image of the same content.

  bench/encrypted.py [--rounds 5] [--seconds 2] [--size 512]

Ours: disks under a key, unstriped and striped, and one in the clear. Peers: qemu-nbd's LUKS (aes-256-xts-plain64) and,
if it is there, nbdkit's luks filter. All serve on Unix sockets at once; each answers each load once a round, and the
ratio is taken within the round. Needs fio with its nbd engine, qemu-nbd, qemu-img and nbdcopy.
"""
import argparse, os, secrets, statistics, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from warm import Server, api, require, stage
from writes import fio, medians

LOADS = [("read", "1m", 4), ("randread", "4k", 32), ("randread", "4k", 1), ("randwrite", "4k", 32)]
DISKS = {"clear": None, "key": {"key": "bench"},
         "key-4x64k": {"key": "bench", "stripeUnitBytes": 65536, "stripeCount": 4}}


class Disk:
    """One of a server's exports."""

    def __init__(self, name, uri):
        self.name, self.uri = name, uri


def make_luks(work, image):
    """The image as LUKS1; its passphrase costs no time here."""
    with open(f"{work}/pass", "w") as f:
        f.write("bench")
    secret = ["--object", f"secret,id=s,file={work}/pass"]
    size = str(os.path.getsize(image))
    subprocess.run(["qemu-img", "create", "-q", "-f", "luks", *secret, "-o",
                    "key-secret=s,cipher-alg=aes-256,cipher-mode=xts,ivgen-alg=plain64,hash-alg=sha256,iter-time=10",
                    f"{work}/luks.img", size], check=True)
    luks = f"driver=luks,file.filename={work}/luks.img,key-secret=s"
    subprocess.run(["qemu-img", "convert", "-n", *secret, "--target-image-opts", "-f", "raw", image, luks], check=True)
    return secret, luks


def start_peers(work, image):
    secret, luks = make_luks(work, image)
    peers = [Server("qemu-nbd-luks", ["qemu-nbd", "-t", "-e", "8", *secret, "--image-opts", "-k", f"{work}/luks.sock",
                    luks], f"{work}/luks.sock")]
    filters = subprocess.run(["nbdkit", "--dump-plugin", "--filter=luks", "null"], capture_output=True)
    if filters.returncode == 0:
        peers.append(Server("nbdkit-luks", ["nbdkit", "-f", "-U", f"{work}/nbdkit.sock", "--filter=luks", "file",
                     f"{work}/luks.img", f"passphrase=+{work}/pass"], f"{work}/nbdkit.sock"))
    return peers


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2)
    arguments.add_argument("--size", type=int, default=512, help="image size in MiB")
    options = arguments.parse_args()
    require("fio", "qemu-nbd", "qemu-img", "nbdcopy")
    os.environ["SNAPGRAINS_BENCH_KEK"] = secrets.token_hex(32)
    os.environ["SNAPSHOTGRAINS__KEK"] = "env:SNAPGRAINS_BENCH_KEK"
    with stage(options.size, cache_share=4) as (work, image, http, servers):
        api(http, "PUT", "/v1/keys/bench")
        for name, layout in DISKS.items():
            api(http, "PUT", f"/v1/disks/{name}", {"snapshot": "bench@1", "hydration": "none", "layout": layout})
        peers = start_peers(work, image)
        servers.extend(peers)
        ours = [Disk(name, servers[0].uri.replace("bench", name, 1)) for name in DISKS]
        for each in ours + peers:
            subprocess.run(["nbdcopy", each.uri, "null:"], check=True)
        for load in LOADS:
            rounds = {each.name: [] for each in ours + peers}
            for _ in range(options.rounds):
                for each in ours + peers:
                    rounds[each.name].append(fio(each.uri, *load, options.seconds))
            print(f"{load[0]} {load[1]} QD{load[2]}", flush=True)
            for name, runs in rounds.items():
                row = medians(runs)
                ratios = [statistics.median(a["iops"] / b["iops"] for a, b in zip(runs, rounds[peer.name]))
                          for peer in peers]
                beside = ", ".join(f"{ratio:.2f} of {peer.name}" for ratio, peer in zip(ratios, peers))
                print(f"  {name:14} {row['iops']:>9,.0f} IOPS  p50 {row['p50']:>7.0f}  p99 {row['p99']:>7.0f} us   "
                      f"{beside}", flush=True)


if __name__ == "__main__":
    main()
