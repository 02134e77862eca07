"""The least NBD client that replays reads: fixed newstyle, simple replies, one request at a time."""
import socket, struct, urllib.parse

GREETING = struct.Struct(">8s8sH")
OPTION_REPLY = struct.Struct(">QIII")
REQUEST = struct.Struct(">IHHQQI")
REPLY = struct.Struct(">IIQ")
OPTION_GO, REPLY_ACK, REPLY_INFO, INFO_EXPORT = 7, 1, 3, 0
READ, DISCONNECT = 0, 2


class Client:
    """A connection to nbd://HOST:PORT/EXPORT or nbd+unix:///EXPORT?socket=PATH. Times out after so many seconds."""

    def __init__(self, uri, timeout=60):
        parts = urllib.parse.urlsplit(uri)
        if "unix" in parts.scheme:
            self.socket, address = socket.socket(socket.AF_UNIX), urllib.parse.parse_qs(parts.query)["socket"][0]
        else:
            self.socket, address = socket.socket(), (parts.hostname, parts.port)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.reply = bytearray(REPLY.size)
        self.size = self.go(parts.path[1:].encode())

    def go(self, export):
        magic, option_magic, _ = GREETING.unpack(self.receive(GREETING.size))
        if magic != b"NBDMAGIC" or option_magic != b"IHAVEOPT":
            raise ConnectionError("no newstyle NBD server")
        body = struct.pack(">I", len(export)) + export + struct.pack(">H", 0)
        self.socket.sendall(struct.pack(">I8sII", 3, b"IHAVEOPT", OPTION_GO, len(body)) + body)
        size = None
        while True:
            _, _, kind, length = OPTION_REPLY.unpack(self.receive(OPTION_REPLY.size))
            data = self.receive(length)
            if kind == REPLY_INFO and struct.unpack(">H", data[:2])[0] == INFO_EXPORT:
                size = struct.unpack(">Q", data[2:10])[0]
            elif kind == REPLY_ACK:
                return size
            elif kind != REPLY_INFO:
                raise ConnectionError(f"the server refuses export '{export.decode()}': {kind:#x} {data.decode()}")

    def read(self, offset, into):
        """Fills the buffer from there on."""
        self.socket.sendall(REQUEST.pack(0x25609513, 0, READ, 1, offset, len(into)))
        self.fill(self.reply)
        magic, error, _ = REPLY.unpack(self.reply)
        if magic != 0x67446698 or error:
            raise OSError(error, f"read of {len(into)} bytes at {offset} failed")
        self.fill(into)

    def receive(self, length):
        data = bytearray(length)
        self.fill(data)
        return bytes(data)

    def fill(self, into):
        view = memoryview(into)
        while view:
            count = self.socket.recv_into(view)
            if not count:
                raise ConnectionError("the server closed the connection")
            view = view[count:]

    def close(self):
        self.socket.sendall(REQUEST.pack(0x25609513, 0, DISCONNECT, 2, 0, 0))
        self.socket.close()
