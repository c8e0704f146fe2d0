"""The client's side of RFC 6455, as far as a stream takes it: one text message after another out of
a plain socket."""
import base64
import os
import socket
import ssl
import time
import urllib.parse

MESSAGE_BYTES_MAX = 16 * 1024 * 1024


class Closed(Exception):
    """The connection is over; 1006 where it ended without a word that counts."""

    def __init__(self, code=1006, reason=""):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class WebSocket:
    """`deadline` is a reading of time.monotonic(): whoever hears enough moves it on, and past it
    TimeoutError is raised, however many octets trickle in."""

    def __init__(self, url, path, deadline):
        self.deadline, self.buffer = deadline, b""
        parts = urllib.parse.urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self.socket = socket.create_connection((parts.hostname, port), 10)
        if parts.scheme == "https":
            self.socket = ssl.create_default_context().wrap_socket(
                self.socket, server_hostname=parts.hostname)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Protocol: tocsin.v1\r\n\r\n".encode())
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > 65536:
                raise Closed(1006, "an answer without end")
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status = head.split(b" ")[1:2]
        if status != [b"101"]:
            code = int(status[0]) if status and status[0].isdigit() else 1006
            raise Closed(code, self.buffer.decode("utf-8", "replace"))

    def more(self):
        self.socket.settimeout(max(0.001, self.deadline - time.monotonic()))
        octets = self.socket.recv(65536)
        if not octets:
            raise Closed()
        self.buffer += octets

    def exactly(self, count):
        while len(self.buffer) < count:
            self.more()
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(octet ^ mask[i % 4] for i, octet in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def frame(self):
        first, second = self.exactly(2)
        length = second & 127
        if length > 125:
            length = int.from_bytes(self.exactly(2 if length == 126 else 8), "big")
        if (first & 0x70 or second & 0x80 or length > MESSAGE_BYTES_MAX
                or first & 8 and (length > 125 or not first & 0x80)):
            raise Closed(1006, "a frame that is none of a server")
        return first & 0x80, first & 15, self.exactly(length)

    def messages(self):
        """Each text message; ends with Closed, or with TimeoutError past the deadline."""
        whole = b""
        while True:
            final, opcode, payload = self.frame()
            if opcode == 8:
                self.send(8, payload[:2])
                raise Closed(int.from_bytes(payload[:2], "big") if payload else 1005,
                             payload[2:].decode("utf-8", "replace"))
            if opcode == 9:
                self.send(10, payload)
            elif opcode in (0, 1):
                whole += payload
                if len(whole) > MESSAGE_BYTES_MAX:
                    raise Closed(1006, "a message without end")
                if final:
                    yield whole.decode("utf-8", "replace")
                    whole = b""

    def close(self):
        self.socket.close()
