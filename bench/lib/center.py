#!/usr/bin/env python3
"""An image center over HTTP/1.1: the files of a directory by range, each GET answered after a delay, all counted.

  bench/lib/center.py DIRECTORY [--delay-ms 5] [--port 0]      prints the port

Like a static web server it has Range, If-Range, ETag, Last-Modified and keep-alive; a range is sent with sendfile.
HEAD is answered at once. GET /-/counts tells requests, bytes and distinct bytes since POST /-/reset.
"""
import argparse, email.utils, json, os, re, socket, sys, threading, time, urllib.parse

RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
HEAD_LIMIT = 64 << 10   # a request's head
REASONS = {200: "OK", 206: "Partial Content", 304: "Not Modified", 404: "Not Found", 405: "Method Not Allowed",
           416: "Range Not Satisfiable"}


class Counts:
    """What was sent of the files."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        with self.lock:
            self.ranges = []

    def add(self, path, first, count):
        with self.lock:
            self.ranges.append((path, first, first + count))

    def totals(self):
        with self.lock:
            ranges = sorted(self.ranges)
        return {"requests": len(ranges), "bytes": sum(end - first for _, first, end in ranges),
                "distinct_bytes": distinct(ranges)}


def distinct(ranges):
    """Bytes of sorted (path, first, end) that are in one of them at least."""
    total, here, reached = 0, None, 0
    for path, first, end in ranges:
        if path != here:
            here, reached = path, 0
        total += max(0, end - max(first, reached))
        reached = max(reached, end)
    return total


class Connection:
    """Answers one client's requests, one after the other."""

    def __init__(self, client, center):
        self.client, self.center, self.rest = client, center, b""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self):
        with self.client:
            try:
                while (head := self.head()) and self.answer(*head):
                    pass
            except OSError:
                pass        # the client went

    def head(self):
        """Method, path and headers of the next request."""
        while b"\r\n\r\n" not in self.rest:
            data = self.client.recv(65536)
            if not data or len(self.rest) > HEAD_LIMIT:
                return None
            self.rest += data
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return method, path, headers

    def answer(self, method, path, headers):
        if path.startswith("/-/"):
            return self.control(path)
        if method not in ("GET", "HEAD"):
            return self.send(405)
        if method == "GET":
            time.sleep(self.center.delay)
        file = self.center.open(path)
        if file is None:
            return self.send(404)
        with file:
            self.file(method, path, headers, file)
        return headers.get("connection", "").lower() != "close"

    def control(self, path):
        if path == "/-/reset":
            self.center.counts.reset()
        return self.send(200, json.dumps(self.center.counts.totals()).encode())

    def file(self, method, path, headers, file):
        facts = os.fstat(file.fileno())
        tag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
        date = email.utils.formatdate(facts.st_mtime, usegmt=True)
        common = {"ETag": tag, "Last-Modified": date, "Accept-Ranges": "bytes",
                  "Content-Type": "application/octet-stream"}
        if headers.get("if-none-match") == tag:
            return self.send(304, None, common)
        wanted = headers.get("range") if headers.get("if-range", tag) in (tag, date) else None
        first, end = span(wanted, facts.st_size)
        if first is None:
            return self.send(416, b"", {**common, "Content-Range": f"bytes */{facts.st_size}"})
        if wanted:
            common["Content-Range"] = f"bytes {first}-{end - 1}/{facts.st_size}"
        self.send(206 if wanted else 200, None, {**common, "Content-Length": end - first})
        if method == "GET":
            self.center.counts.add(path, first, end - first)
            self.body(file, first, end)

    def body(self, file, first, end):
        while first < end:
            sent = os.sendfile(self.client.fileno(), file.fileno(), first, end - first)
            if not sent:
                raise OSError("the file became shorter")
            first += sent

    def send(self, status, body=b"", headers=()):
        """Head and body; without a body the headers say how long what follows is."""
        lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in dict(headers).items())]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.client.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        return True


def span(wanted, size):
    """First byte and end of what a Range header asks for; (None, None) where there is nothing."""
    if not wanted:
        return 0, size
    match = RANGE.match(wanted)
    if not match or not any(match.groups()):
        return None, None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    end = min(size, int(last) + 1) if last else size
    return (int(first), end) if int(first) < end else (None, None)


class Center:
    def __init__(self, root, delay_ms):
        self.root, self.delay, self.counts = os.path.abspath(root), delay_ms / 1000, Counts()

    def open(self, path):
        name = os.path.normpath(urllib.parse.unquote(path.split("?")[0]).lstrip("/"))
        full = os.path.join(self.root, name)
        if name.startswith("..") or not os.path.isfile(full):
            return None
        return open(full, "rb", buffering=0)

    def serve(self, listener):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=Connection(client, self).serve, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--delay-ms", type=float, default=5)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    sys.setswitchinterval(0.0005)
    with socket.create_server(("127.0.0.1", options.port), backlog=512) as listener:
        print(listener.getsockname()[1], flush=True)
        Center(options.directory, options.delay_ms).serve(listener)


if __name__ == "__main__":
    main()
