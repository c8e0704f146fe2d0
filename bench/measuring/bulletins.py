"""Real signed bulletins, made beforehand, and the size of what readers are sent of them."""
import itertools
import os
import subprocess

from .machine import Fault

PAYLOAD = 1000  # octets of each alert's XML, about: 1.8 KB of what readers are sent
SEQUENCE_DIGITS = 3  # of most messages of a run


def wire_size(envelope_line, digits=SEQUENCE_DIGITS):
    """The event that carries this envelope, in octets (schemas/stream.md)."""
    event = ('{"type":"alert","seq":' + "1" * digits + ',"at":"2026-11-22T12:00:00.000Z","id":"' +
             "0" * 64 + '","envelope":}')
    return len(event) + len(envelope_line.rstrip("\n").encode())


class Bulletins:
    """So many, one a line, with the trust document that admits them."""

    def __init__(self, stage, maker, count, payload=PAYLOAD):
        self.stage = stage
        self.count = count
        self.path = stage.path("bulletins.ndjson")
        self.trust = stage.path("trust.json")
        with open(self.path, "wb") as out:
            made = subprocess.run([maker, "--count", str(count), "--bytes", str(payload),
                                   "--trust-out", self.trust], stdout=out,
                                  stderr=subprocess.PIPE, text=True)
        if made.returncode != 0:
            raise Fault(f"make_bulletins: {made.stderr.strip()}")
        with open(self.path, encoding="utf-8") as file:
            self.bytes = wire_size(file.readline())

    def part(self, first, count):
        """A file with only those lines, counted from 0."""
        path = self.stage.path("part.ndjson")
        with open(self.path, "rb") as whole, open(path, "wb") as out:
            out.writelines(itertools.islice(whole, first, first + count))
        return path

    def remove(self):
        os.unlink(self.path)
