"""tocsind with organisations that it tells by text message or by mail, and the message centre that
takes everything: what the sections about those who are not connected have in common."""
import json
import os
import subprocess
import time
import urllib.request

from . import machine, peers
from .machine import Fault

HEADER = "organisation,name,latitude,longitude,ons,sector,language,phone,email,webhook,groups\n"
NUMBERS = 447_700_000_000  # the first organisation's telephone
SEVERITIES = ("minor", "moderate", "severe", "extreme")
LOOK_S = 0.1


def phone_of(number):
    return NUMBERS + number


def row_of(number, place, by):
    """A line of the list: where it is, and its one telephone or address."""
    phone = f"+{phone_of(number)}" if by == "sms" else ""
    email = f"desk{number}@shop.example" if by == "email" else ""
    return f"org{number:06},Number {number},,,{place},retail,en,{phone},{email},,\n"


class Centre(peers.Peer):
    """bench_smsc, which answers at once; what it counted is there when it has ended."""

    name, title = "smsc", "message centre"

    def __init__(self, context, journal=False):
        super().__init__(context)
        self.journal = self.stage.path("journal") if journal else None
        self.counts = None

    def start(self):
        self.cpus = machine.herd_cpu()
        self.port = machine.free_port()
        command = [self.context.built("bench_smsc"), "--port", str(self.port)]
        if self.journal:
            command += ["--journal", self.journal]
        # Its standard input has no end: it ends by SIGTERM.
        self.launch(command)

    def end(self):
        log = self.server.log if self.server else None
        super().end()
        if log is None:
            return
        with open(log, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if line.startswith("{")]
        if len(lines) > 1:
            self.counts = lines[-1]

    def entries(self):
        """(seconds of the monotonic clock, number) of each message, as they came."""
        with open(self.journal, encoding="utf-8") as file:
            pairs = (line.split() for line in file)
            return [(float(at), int(number)) for at, number in pairs]


class Teller(peers.Peer):
    """tocsind with a list of organisations and one channel. `patience`: seconds until somebody who
    has not acknowledged is told, for every severity."""

    name, title = "engine", "tocsind"

    def __init__(self, context, bulletins, channel, patience, data=None):
        super().__init__(context)
        self.bulletins = bulletins
        self.channel = channel  # its lines of configuration
        self.patience = patience
        self.data = data or self.stage.path("data")

    def start(self):
        self.port = machine.free_port()
        rules = "".join(f"[escalation.{severity}]\nacknowledged = {self.patience}\n"
                        "delivered = 7200\n" for severity in SEVERITIES)
        password = self.stage.write("password", "bench\n")
        os.chmod(password, 0o600)
        config = self.stage.write("tocsin.toml", self.channel.format(password=password) + rules)
        self.command = [self.context.built("tocsind"), "--data", self.data, "--trust",
                        self.bulletins.trust, "--listen", f"127.0.0.1:{self.port}", "--config",
                        config, "--shards", "1"]
        self.server = self.stage.start(self.name, self.command, self.cpus, self.environment)
        self.stage.wait_for_line(self.server)

    def take_list(self, rows):
        """`tocsin org import`; the seconds that it took."""
        path = self.stage.write("list.csv", HEADER + "".join(rows))
        config = self.stage.new_folder("config")
        began = time.monotonic()
        self.stage.run([self.context.built("tocsin"), "org", "import", path, "--data", self.data],
                       environment={"XDG_CONFIG_HOME": config})
        return time.monotonic() - began

    def post(self, number):
        """That bulletin, counted from 0; when it was answered."""
        with open(self.bulletins.part(number, 1), "rb") as file:
            body = file.read()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/alerts", data=body,
                                       method="POST")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            if answer.status != 201:
                raise Fault(f"tocsind did not take a bulletin: {answer.status}")
        return time.monotonic()

    def metric(self, name):
        """The sum of a metric over its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics",
                                    timeout=30) as answer:
            text = answer.read().decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith((name + " ", name + "{")))

    def wait_for(self, name, value, seconds):
        """Until that metric has come so far; when that was seen."""
        until = time.monotonic() + seconds
        while self.metric(name) < value:
            if time.monotonic() > until:
                raise Fault(f"{name} is {self.metric(name):,.0f} and not {value:,} after "
                            f"{seconds} s: {self.server.last_words()}")
            time.sleep(LOOK_S)
        return time.monotonic()


class Alerts:
    """Signed alerts, one after the other by severity and place in turn."""

    def __init__(self, run, count, severities, places):
        self.stage = run.stage
        self.path = run.stage.path("alerts.ndjson")
        self.trust = run.stage.path("trust.json")
        with open(self.path, "wb") as out:
            made = subprocess.run(
                [run.context.built("make_bulletins"), "--count", str(count), "--severity",
                 *severities, "--area", *places, "--trust-out", self.trust],
                stdout=out, stderr=subprocess.PIPE, text=True, check=False)
        if made.returncode != 0:
            raise Fault(f"make_bulletins: {made.stderr.strip()}")

    def part(self, first, count):
        path = self.stage.path("alert.ndjson")
        with open(self.path, "rb") as whole, open(path, "wb") as out:
            out.writelines(whole.readlines()[first:first + count])
        return path


def sms_channel(port, rate, window=100):
    return (f'[sms.main]\nurl = "smpp://bench@127.0.0.1:{port}"\npassword_file = "{{password}}"\n'
            f'source = "TOCSIN"\nwindow = {window}\nrate = {rate}\n')
