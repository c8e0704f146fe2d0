#!/usr/bin/env python3
"""Follows a stream and believes nobody: every bulletin is verified against a trust document whose
root keys were given by another way, and only then written to a file. Says what it cannot believe,
what is missing, and when it hears nothing. Written from schemas/ alone; see README.md beside it.

Each line on standard output is one JSON object: {"said": …}. Text of an alert is never printed as
anything but JSON with escapes, so that it cannot act on a terminal."""
import argparse
import http.client
import json
import os
import random
import re
import signal
import sys
import time
import urllib.parse
import urllib.request

import revocations
from bulletin import TRUST_TYPE, Refused, judged, opened, read_trust, require, strict_json
from events import read_event
from websocket import Closed, WebSocket

NEVER_AGAIN = {400, 401, 403, 404, 1002, 1007, 1009, 4400, 4401}  # it would happen again
TRUST_OCTETS_MAX, REVOCATIONS_OCTETS_MAX = 8 << 20, 17 << 20
BEATS_PER_TRUST = 20  # the trust document is asked for again after so many, five minutes
KEPT_NAME = re.compile("([0-9a-f]{16})-([1-9][0-9]*)-([0-9a-f]{64})[.]xml")


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
        self.trust = None  # as its roots signed it
        self.document = None  # the same with what is revoked besides
        self.revocations, self.counting = [], []  # envelopes, one a line; what they say
        if os.path.exists(self.path("trust.json")):
            with open(self.path("trust.json"), "rb") as file:
                self.trust = strict_json(opened(strict_json(file.read()), TRUST_TYPE)[0])
        if os.path.exists(self.path("revocations.jsonl")):
            with open(self.path("revocations.jsonl"), encoding="utf-8") as file:
                self.revocations = file.read().split("\n")
        self.epoch, self.sequence = None, None
        if os.path.exists(self.path("position")):
            with open(self.path("position"), encoding="ascii") as file:
                self.epoch, sequence = file.read().split(":")
                self.sequence = int(sequence)
        self.ids = self.kept_ids()  # id -> sequence, of what was handled in this epoch
        self.pause_s = self.options.pause
        self.beats = 0

    def kept_ids(self):
        """Of whole documents: what a kill interrupted ends in .new, and will come again."""
        names = filter(None, map(KEPT_NAME.fullmatch, os.listdir(self.path("alerts"))))
        return {name[3]: int(name[2]) for name in names if name[1] == self.epoch}

    def path(self, *names):
        return os.path.join(os.path.abspath(self.options.folder), *names)

    def fetch(self, path, octets_max):
        """What the engine answers, in the time in which it owes a sign of life all the same."""
        def late(*_):
            raise Again(f"no answer to {path} for {self.options.silence} s")
        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, self.options.silence)
        try:
            with urllib.request.urlopen(self.options.url + path) as answer:
                content = answer.read(octets_max + 1)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        require(len(content) <= octets_max, "too_large", f"The answer to {path} has no end.")
        return content

    def fetch_trust(self):
        """Takes the engine's trust document, or the file that was given, if it follows ours, and
        the revocations beside it."""
        if self.options.trust:
            with open(self.options.trust, "rb") as file:
                content = file.read()
        else:
            content = self.fetch("/v1/trust", TRUST_OCTETS_MAX)
        document = read_trust(content, self.roots, self.trust)
        if document != self.trust:
            keep(self.path("trust.json"), content)
            say("trust", system=document["system"], version=document["version"],
                expires=document["expires"])
        if document != self.trust or self.document is None:
            self.trust = document
            self.counting = revocations.counting(self.revocations, document)
            self.document = revocations.applied(self.counting, document)
        self.take_revocations(self.fetch("/v1/trust/revocations", REVOCATIONS_OCTETS_MAX))

    def take_revocations(self, content):
        """They only take away: what counted once is kept, whatever is served from now on."""
        for line in content.decode("utf-8", "replace").split("\n"):
            if not line or line in self.revocations:
                continue
            try:
                said, signers = revocations.counted(line, self.trust)
                if not revocations.adds(said, signers, self.counting):
                    continue
                require(len(self.revocations) < revocations.KEPT_MAX, "too_many",
                        "More revocations than are kept: the trust document should list them.")
            except Refused as refusal:
                say("NOT BELIEVED", code=refusal.code, reason="A revocation: " + refusal.sentence)
                continue
            self.revocations.append(line)
            keep(self.path("revocations.jsonl"), "\n".join(self.revocations).encode())
            self.counting.append((said, signers))
            say("revoked", key=said["keyid"], since=said["since"], reason=said["reason"])
        self.document = revocations.applied(self.counting, self.trust)

    def settle(self, sequence):
        if self.sequence is None or sequence > self.sequence:
            self.sequence = sequence
            keep(self.path("position"), f"{self.epoch}:{sequence}".encode())

    def on_hello(self, event):
        if (event["system"], event["kind"]) != (self.trust["system"], self.trust["kind"]):
            raise Refused("wrong_system", f"This is the system {event['system']!r}.")
        if not event["recovered"]:
            say("gap", reason="the engine does not know our position", ours=self.position(),
                epoch=event["epoch"], missing=event.get("gap"))
        if event["epoch"] != self.epoch or not event["recovered"]:
            restart = self.epoch is not None
            self.epoch, self.sequence = event["epoch"], None
            self.ids = self.kept_ids()
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
            keep(self.path("refused", f"{self.epoch}-{sequence}.json"), json.dumps(event).encode())
            say("NOT VERIFIED", seq=sequence, code=refusal.code, reason=refusal.sentence)
        else:
            if event["id"] not in self.ids:
                keep(self.path("alerts", f"{self.epoch}-{sequence}-{event['id']}.xml"), xml)
                self.ids[event["id"]] = sequence
                cancels = alert.msgType == "Cancel"
                say("verified", seq=sequence, id=event["id"], msgType=alert.msgType,
                    status=alert.status, sender=alert.sender,
                    severity=None if cancels else alert.severity,
                    headline=None if cancels else alert.headline,
                    names=[",".join(each) for each in alert.references],
                    keys=[each["keyid"] for each in event["envelope"]["signatures"]],
                    reason=alert.reason if cancels else None)
        if not self.catching_active:
            self.settle(sequence)

    def judge(self, event):
        try:
            return judged(event, self.document)
        except Refused as refusal:
            if refusal.code not in ("unknown_key", "key_expired"):
                raise
        self.fetch_trust()  # a newer document may know that officer
        return judged(event, self.document)

    def on_beat(self, event):
        if event["last"] > (self.sequence or 0):
            say("gap", reason="the engine has sent less than it says", settled=self.sequence,
                last=event["last"])
            raise Again("come back for what is missing")
        self.pause_s = self.options.pause
        self.beats += 1
        if self.beats % BEATS_PER_TRUST == 0:
            self.fetch_trust()

    def handle(self, event):
        kind = event["type"]
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
                for line in filter(None, message.split("\n")):
                    event = read_event(line)
                    if hello is None:
                        require(event["type"] == "hello", "bad_object", "It says no hello.")
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
            except (AttributeError, TypeError, LookupError, ValueError) as fault:
                say("NOT BELIEVED", code="bad_object", reason=f"no object of a stream: {fault}")
            except TimeoutError:
                say("not live", reason=f"no beat for {self.options.silence} s", since=since)
            except Again as why:
                say("not live", reason=str(why), since=since)
            except Closed as closed:
                say("not live", reason=closed.reason[:200], close=closed.code, since=since)
                if closed.code in NEVER_AGAIN:
                    return 1
                delay = re.fullmatch("reconnect_ms=([0-9]{1,9})", closed.reason)
                if delay:
                    wait_s = min(int(delay[1]), 60000) / 1000
                elif closed.code in (429, 4429):
                    wait_s = 30
            except (OSError, http.client.HTTPException) as fault:
                say("not live", reason=str(fault), since=since)
            time.sleep(wait_s)
            self.pause_s = min(self.pause_s * 2, 30)


UNTRUE = (Refused, AttributeError, TypeError, LookupError, ValueError)
EXIT_CODES = """Ends with 0 where --check verified every file, with 1 where it did not or the trust
document is not believed, or where coming back to an engine would be refused again, and with 2
where a file cannot be read or these words are not understood."""


def why(fault):
    if isinstance(fault, Refused):
        return {"code": fault.code, "reason": fault.sentence}
    return {"code": "bad_object", "reason": f"A member is missing or of another type: {fault}."}


def trust_to_check_by(options):
    """What --trust says, if the roots that are given signed it, with the revocations beside it."""
    with open(options.trust, "rb") as file:
        document = read_trust(file.read(), set(options.root.split(",")))
    if not os.path.exists(options.trust + ".revocations"):
        return document
    with open(options.trust + ".revocations", encoding="utf-8", errors="replace") as file:
        counting = revocations.counting(file.read().split("\n"), document)
    return revocations.applied(counting, document)


def check(options):
    """Judges alert objects in files instead of following."""
    try:
        trust = trust_to_check_by(options)
    except UNTRUE as fault:
        say("NOT BELIEVED", file=options.trust, **why(fault))
        return 1
    wrong = 0
    for name in options.check:
        try:
            with open(name, "rb") as file:
                judged(strict_json(file.read()), trust)
            say("verified", file=name)
        except UNTRUE as fault:
            say("NOT VERIFIED", file=name, **why(fault))
            wrong = 1
    return wrong


def main():
    parser = argparse.ArgumentParser(
        description="Follows a stream, verifies, writes CAP to files.", epilog=EXIT_CODES)
    parser.add_argument("url", nargs="?", help="http://host:port of the engine")
    parser.add_argument("--root", required=True, help="key ids of the root keys, by another way")
    parser.add_argument("--folder", help="where documents and the position are kept")
    parser.add_argument("--check", nargs="+", help="judge these files by --trust, and end")
    parser.add_argument("--trust", help="a trust document to read instead of the engine's")
    parser.add_argument("--after", default="active", help="where the first one begins: active, 0")
    parser.add_argument("--filter", action="append", default=[], help="area=E12000007, and so on")
    parser.add_argument("--silence", type=float, default=40, help="seconds without a word (40)")
    parser.add_argument("--pause", type=float, default=1, help="seconds before coming back (1)")
    options = parser.parse_args()
    if options.check and options.trust:
        try:
            return check(options)
        except OSError as fault:
            parser.exit(2, f"{fault.filename} cannot be read: {fault.strerror}.\n")
    if options.check or not (options.url and options.folder):
        parser.error("give a url and --folder to follow, or --check and --trust")
    return Partner(options).run()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
