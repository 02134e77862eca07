"""Disks under a key, plain and striped, beside qemu-nbd and nbdkit on a LUKS1 image of the same content."""
import os, secrets, subprocess

from lib import fio, servers
from lib.bench import IMAGE
from lib.load import Load, turned
from lib.ours import NAME, Silo

LOADS = {"1m": ("read", "1m", 4), "4k-qd32": ("randread", "4k", 32), "4k-qd1": ("randread", "4k", 1),
         "write-4k-qd32": ("randwrite", "4k", 32)}
LAYOUTS = {"clear": None, "key": {"key": "bench"},
           "key-4x64k": {"key": "bench", "stripeUnitBytes": 65536, "stripeCount": 4}}


class Encrypted(Load):
    name = "encrypted"
    is_long = True
    tools = ("fio", "qemu-nbd", "qemu-img", "nbdkit")

    def __enter__(self):
        image, library = self.bench.image, self.bench.library
        self.place = self.bench.place.inner()
        kek = {"SNAPGRAINS_BENCH_KEK": secrets.token_hex(32), "SNAPSHOTGRAINS__KEK": "env:SNAPGRAINS_BENCH_KEK"}
        silo = Silo(self.place, library, 6 * self.bench.warm_mib, settings=kek)     # clear, key and striped segments
        silo.api("PUT", "/v1/keys/bench")
        for disk, layout in LAYOUTS.items():
            silo.api("PUT", f"/v1/disks/{disk}", {"snapshot": IMAGE, "hydration": "none", "layout": layout})
        self.who = {**{f"{NAME} {disk}": (silo, silo.export(disk)) for disk in LAYOUTS},
                    **{peer.name: (peer, peer.uri) for peer in self.peers(image)}}
        for _, uri in self.who.values():
            fio.run(uri, self.load("read", "1m", 4, 0))
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def peers(self, image):
        secret, options = make_luks(self.place, image)
        socket = self.place.path("luks.sock")
        qemu = ["qemu-nbd", "-t", "-e", "8", *secret, "--image-opts", "-k", socket, options]
        yield servers.NbdServer(self.place, "qemu-nbd-luks", qemu, socket).ready()
        if subprocess.run(["nbdkit", "--dump-plugin", "--filter=luks", "null"], capture_output=True).returncode == 0:
            yield servers.nbdkit(self.place, "nbdkit-luks", "file", self.place.path("luks.img"),
                                 f"passphrase=+{self.place.path('pass')}", filters=["luks"])

    def round(self, number):
        for name, kind in LOADS.items():
            for who in turned(list(self.who), number):
                server, uri = self.who[who]
                self.bench.patience.wait()
                yield f"encrypted-{name}", who, fio.run(uri, self.load(*kind, self.bench.options.seconds), [server])

    def load(self, rw, block, depth, seconds):
        return fio.Load(rw, block, depth, seconds=seconds, size=f"{self.bench.warm_mib}m")


def make_luks(place, image):
    """The image as LUKS1, whose passphrase costs no time here: options of QEMU's tools that open it."""
    with open(place.path("pass"), "w") as f:
        f.write("bench")
    secret = ["--object", f"secret,id=s,file={place.path('pass')}"]
    path = place.path("luks.img")
    subprocess.run(["qemu-img", "create", "-q", "-f", "luks", *secret, "-o",
                    "key-secret=s,cipher-alg=aes-256,cipher-mode=xts,ivgen-alg=plain64,hash-alg=sha256,iter-time=10",
                    path, str(os.path.getsize(image))], check=True)
    options = f"driver=luks,file.filename={path},key-secret=s"
    subprocess.run(["qemu-img", "convert", "-n", *secret, "--target-image-opts", "-f", "raw", image, options],
                   check=True)
    return secret, options
