#!/usr/bin/env python3
"""Follows a stream and believes nobody: every bulletin is verified against a trust document whose
root keys were given by another way, and only then written to a file. Says what it cannot believe,
what is missing, and when it hears nothing. Written from schemas/ alone; see README.md beside it.

Each line on standard output is one JSON object: {"said": …}. Text of an alert is never printed as
anything but JSON with escapes, so that it cannot act on a terminal."""
import argparse
import json
import os
import random
import sys
import time
import urllib.parse
import urllib.request

from bulletin import TRUST_TYPE, Refused, judged, opened, read_trust, strict_json
from websocket import Closed, WebSocket

NEVER_AGAIN = {400, 401, 403, 404, 1002, 1007, 1009, 4400, 4401}  # it would happen again


def say(what, **more):
    print(json.dumps({"said": what, **more}), flush=True)


def keep(path, content):
    """Whole or not at all, also when the power goes."""
    with open(path + ".new", "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class Again(Exception):
    """The connection is of no use: come back, with the position there is now."""


class Partner:
    def __init__(self, options):
        self.options = options
        self.roots = set(options.root.split(","))
        for name in ("alerts", "refused"):
            os.makedirs(self.path(name), exist_ok=True)
        self.trust = None
        if os.path.exists(self.path("trust.json")):
            with open(self.path("trust.json"), "rb") as file:
                self.trust = strict_json(opened(strict_json(file.read()), TRUST_TYPE)[0])
        self.epoch, self.sequence = None, None
        if os.path.exists(self.path("position")):
            with open(self.path("position"), encoding="ascii") as file:
                self.epoch, sequence = file.read().split(":")
                self.sequence = int(sequence)
        self.ids = {}  # id -> sequence, of what was handled in this epoch
        whole = [name for name in os.listdir(self.path("alerts")) if name.endswith(".xml")]
        for name in whole:  # what a kill interrupted ends in .new, and will come again
            sequence, identity = name.split(".")[0].split("-")
            self.ids[identity] = int(sequence)
        self.pause_s = 1.0

    def path(self, *names):
        return os.path.join(os.path.abspath(self.options.folder), *names)

    def fetch_trust(self):
        """Takes the engine's trust document, or the file that was given, if it follows ours."""
        if self.options.trust:
            with open(self.options.trust, "rb") as file:
                content = file.read()
        else:
            with urllib.request.urlopen(self.options.url + "/v1/trust", timeout=30) as answer:
                content = answer.read(8 << 20)
        document = read_trust(content, self.roots, self.trust)
        if document != self.trust:
            keep(self.path("trust.json"), content)
            say("trust", system=document["system"], version=document["version"],
                expires=document["expires"])
        self.trust = document

    def settle(self, sequence):
        if self.sequence is None or sequence > self.sequence:
            self.sequence = sequence
            keep(self.path("position"), f"{self.epoch}:{sequence}".encode())

    def on_hello(self, event):
        if (event["system"], event["kind"]) != (self.trust["system"], self.trust["kind"]):
            raise Refused("wrong_system", f"This is the system {event['system']!r}.")
        if not event["recovered"]:
            say("gap", reason="the engine does not know our position", ours=self.position(),
                epoch=event["epoch"], missing=event["gap"])
        if event["epoch"] != self.epoch:
            self.ids = {} if self.epoch else self.ids
            restart = self.epoch is not None
            self.epoch, self.sequence = event["epoch"], None
            if restart:
                raise Again("start over from what is active")

    def on_alert(self, event):
        sequence = event["seq"]
        if self.sequence is not None and sequence <= self.sequence and not self.catching_active:
            known = self.ids.get(event["id"]) == sequence
            return say("repeated" if known else "suspicious", seq=sequence, id=event["id"],
                       reason="a sequence that is behind us")
        if self.ids.get(event["id"], sequence) != sequence:
            say("suspicious", seq=sequence, id=event["id"], code="replayed",
                reason=f"the bulletin of sequence {self.ids[event['id']]} once more")
            return self.settle(sequence)
        try:
            alert, xml = self.judge(event)
        except Refused as refusal:
            keep(self.path("refused", f"{sequence}.json"), json.dumps(event).encode())
            say("NOT VERIFIED", seq=sequence, code=refusal.code, reason=refusal.sentence)
        else:
            if event["id"] not in self.ids:
                keep(self.path("alerts", f"{sequence}-{event['id']}.xml"), xml)
                self.ids[event["id"]] = sequence
                cancels = alert.msgType == "Cancel"
                say("verified", seq=sequence, id=event["id"], msgType=alert.msgType,
                    status=alert.status, sender=alert.sender,
                    severity=None if cancels else alert.severity,
                    headline=None if cancels else alert.headline,
                    names=[",".join(each) for each in alert.references],
                    reason=alert.reason if cancels else None)
        if not self.catching_active:
            self.settle(sequence)

    def judge(self, event):
        try:
            return judged(event, self.trust)
        except Refused as refusal:
            if refusal.code not in ("unknown_key", "key_expired"):
                raise
        self.fetch_trust()  # a newer document may know that officer
        return judged(event, self.trust)

    def on_beat(self, event):
        if event["last"] > (self.sequence or 0):
            say("gap", reason="the engine has sent less than it says", settled=self.sequence,
                last=event["last"])
            raise Again("come back for what is missing")
        self.pause_s = 1.0

    def handle(self, event):
        kind = event.get("type")
        if kind == "alert":
            self.on_alert(event)
        elif kind == "live":
            self.catching_active = False
            self.settle(event["seq"])
            say("live", seq=event["seq"])
        elif kind == "beat":
            self.on_beat(event)

    def position(self):
        return f"{self.epoch}:{self.sequence}" if self.sequence is not None else "active"

    def next_deadline(self):
        return time.monotonic() + self.options.silence

    def follow_once(self):
        self.fetch_trust()
        self.catching_active = self.sequence is None and self.options.after == "active"
        after = self.position() if self.sequence is not None else self.options.after
        query = urllib.parse.urlencode([("after", after)] + [
            tuple(each.split("=", 1)) for each in self.options.filter])
        stream = WebSocket(self.options.url, "/v1/stream?" + query, self.next_deadline())
        try:
            hello, live = None, False
            for message in stream.messages():
                for line in message.splitlines():
                    event = strict_json(line)
                    if hello is None:
                        hello = event
                        self.on_hello(event)
                    else:
                        self.handle(event)
                    live = live or event["type"] == "live"
                    if not live or event["type"] in ("live", "beat"):  # no beats before `live`
                        stream.deadline = self.next_deadline()
        finally:
            stream.close()

    def run(self):
        while True:
            wait_s = self.pause_s * random.uniform(0.5, 1)
            since = time.strftime("%FT%TZ", time.gmtime())
            try:
                self.follow_once()
            except Refused as refusal:
                say("NOT BELIEVED", code=refusal.code, reason=refusal.sentence)
            except (TypeError, KeyError, ValueError) as fault:
                say("NOT BELIEVED", code="bad_object", reason=f"no object of a stream: {fault}")
            except TimeoutError:
                say("not live", reason=f"no beat for {self.options.silence} s", since=since)
            except Again as why:
                say("not live", reason=str(why), since=since)
            except Closed as closed:
                say("not live", reason=closed.reason[:200], close=closed.code, since=since)
                if closed.code in NEVER_AGAIN:
                    return 1
                if closed.reason.startswith("reconnect_ms="):
                    wait_s = min(int(closed.reason[13:]), 60000) / 1000
                elif closed.code in (429, 4429):
                    wait_s = 30
            except OSError as fault:
                say("not live", reason=str(fault), since=since)
            time.sleep(wait_s)
            self.pause_s = min(self.pause_s * 2, 30)


def check(options):
    """Judges alert objects in files instead of following; 1 where one is not to be believed."""
    with open(options.trust, "rb") as file:
        trust = read_trust(file.read(), set(options.root.split(",")))
    wrong = 0
    for name in options.check:
        with open(name, "rb") as file:
            try:
                judged(strict_json(file.read()), trust)
                say("verified", file=name)
            except Refused as refusal:
                say("NOT VERIFIED", file=name, code=refusal.code, reason=refusal.sentence)
                wrong = 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description="Follows a stream, verifies, writes CAP to files.")
    parser.add_argument("url", nargs="?", help="http://host:port of the engine")
    parser.add_argument("--root", required=True, help="key ids of the root keys, by another way")
    parser.add_argument("--folder", help="where documents and the position are kept")
    parser.add_argument("--check", nargs="+", help="judge these files by --trust, and end")
    parser.add_argument("--trust", help="a trust document to read instead of the engine's")
    parser.add_argument("--after", default="active", help="where the first one begins: active, 0")
    parser.add_argument("--filter", action="append", default=[], help="area=E12000007, and so on")
    parser.add_argument("--silence", type=float, default=40, help="seconds without a word (40)")
    options = parser.parse_args()
    if options.check and options.trust:
        return check(options)
    if options.check or not (options.url and options.folder):
        parser.error("give a url and --folder to follow, or --check and --trust")
    return Partner(options).run()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
