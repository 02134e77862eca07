"""The image of the bench: holes, text and noise mixed; the same bytes every time."""
import os, random

from lib.boot import SEGMENT, read_trace, segments_in_order

WORDS = [word.encode() for word in (
    "the image cache layer block read write clone snapshot volume host peer fetch range usr share doc kernel module "
    "init config service systemd target package version return static const struct int char void if else").split()]
HOLE, TEXT = 0.40, 0.35     # shares of the extents; the others are noise, which no compression helps


def make_image(path, size_mib, seed=1, boots=True):
    """Writes a sparse file of extents of 64 KiB to 4 MiB. What the boot trace reads is always data."""
    rng, size = random.Random(seed), size_mib << 20
    pool = text(rng, 8 << 20)
    with open(path, "wb") as f:
        f.truncate(size)
        at = 0
        while at < size:
            length = min(65536 << rng.randrange(7), size - at)
            kind = rng.random()
            if kind >= HOLE:
                f.seek(at)
                f.write(extent(rng, pool, at, length, kind < HOLE + TEXT))
            at += length
        for segment in segments_in_order(read_trace()) if boots else ():
            if (segment + 1) * SEGMENT <= size:
                f.seek(segment * SEGMENT)
                f.write(rng.randbytes(SEGMENT))


def extent(rng, pool, at, length, is_text):
    if not is_text:
        return rng.randbytes(length)
    start = rng.randrange(len(pool) - (4 << 20))
    return b"%016x" % at + pool[start:start + length - 16]      # no two are equal: nothing to deduplicate


def text(rng, length):
    """Like a log, about 3:1 for a compressor."""
    lines, size = [], 0
    while size < length:
        lines.append(b" ".join(rng.choice(WORDS) for _ in range(8)) + b" %08x\n" % rng.getrandbits(32))
        size += len(lines[-1])
    return b"".join(lines)[:length]


def into_page_cache(path):
    with open(path, "rb", buffering=0) as f:
        while f.read(4 << 20):
            pass


def data_bytes(path):
    """Bytes that are not holes."""
    return os.stat(path).st_blocks * 512
