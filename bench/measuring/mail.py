"""Mails through a real OpenSMTPD, each state of them on the disk, beside the fastest that it takes
from one loop of libcurl's."""
import json
import os

from . import machine, peers
from .figures import Figure, Row
from .machine import Fault
from .outgoing import Alerts, Teller, row_of
from .sms import until_still

PLACE = "E06000038"
LOOPS = (8, 16)  # connections of a bare loop
AT_ONCE = 8  # mails under way of tocsind's, unless its operator says more
PATIENCE_S = 10
OCTETS = 5300  # of tocsind's mail about such an alert
COLUMNS = [
    Figure("per_s", "mails a second", "loop-8"),
    Figure("cpu_us", "CPU a mail, µs", "loop-8"),
    Figure("relay_cpu_us", "the relay's CPU a mail, µs", ""),
]
ABOUT = (
    "Mails taken by one OpenSMTPD, its spool in memory, which keeps them since nobody listens "
    "where it would pass them on. tocsind sends {count:,} about one alert, each written for its "
    "recipient, {at_once} at once as is its default, and writes to the disk what becomes of each."
    " The loops of libcurl's multi interface send a ready text of as many octets, over 8 and 16 "
    "kept connections. Relay and sender have a core each. × is the ratio to the loop of 8.")
# It finds users, folders and helpers in mounts of its own; nothing is installed.
SCRIPT = """set -e
for what in passwd group; do cp /etc/$what "$1/$what"; done
for id in 4711:opensmtpd 4712:opensmtpq; do
  echo "${id#*:}:x:${id%:*}:${id%:*}::/var/lib/opensmtpd/empty:/usr/sbin/nologin" >> "$1/passwd"
  echo "${id#*:}:x:${id%:*}:" >> "$1/group"
done
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
for folder in /var/spool /var/lib /run /usr/libexec; do mount -t tmpfs tmpfs $folder; done
mkdir -p -m 711 /var/spool/smtpd /var/lib/opensmtpd/empty
mkdir /usr/libexec/opensmtpd
mount --bind "$3" /usr/libexec/opensmtpd
exec "$2" -d -f "$1/smtpd.conf"
"""


class OpenSmtpd(peers.Peer):
    name, title = "opensmtpd", "OpenSMTPD"

    def start(self):
        if os.geteuid() != 0:
            raise Fault("OpenSMTPD takes root, for mounts of its own")
        packages = self.context.packages
        program = packages.program("smtpd", "opensmtpd")
        helpers = packages.file("/usr/libexec/opensmtpd", "opensmtpd")
        self.environment = packages.environment()
        self.cpus = machine.herd_cpu()
        self.port = machine.free_port()
        nobody = machine.free_port()
        folder = self.stage.new_folder("opensmtpd")
        os.chmod(folder, 0o711)
        with open(os.path.join(folder, "smtpd.conf"), "w", encoding="ascii") as file:
            # As many over one connection as come: some senders keep theirs.
            file.write(f"listen on 127.0.0.1 port {self.port} hostname relay.example\n"
                       "smtp limit max-mails 1000000\n"
                       f'action "out" relay host smtp://127.0.0.1:{nobody}\n'
                       'match from any for domain "shop.example" action "out"\n')
        os.chmod(file.name, 0o600)
        self.launch(["unshare", "--mount", "--propagation", "private", "--kill-child", "--pid",
                     "--fork", "bash", "-c", SCRIPT, "bash", folder, program, helpers])

    def pids(self):
        """All of its processes: one forks the others."""
        found = [self.server.pid]
        for pid in found:
            found += machine.children(pid)
        return found


class Mail:
    def __init__(self, run):
        self.run = run
        self.context = run.context
        self.count = 200 if run.options.quick else 5000
        self.alerts = Alerts(run, run.options.rounds, ("Severe",), (PLACE,))
        self.data = None
        self.posted = 0

    def engine(self):
        channel = '[email]\nurl = "smtp://127.0.0.1:{}"\nstarttls = "allowed"\n' \
                  'from = "alerts@tocsin.example"\nhello = "tocsin.example"\n'
        with OpenSmtpd(self.context) as relay:
            with Teller(self.context, self.alerts, channel.format(relay.port), PATIENCE_S,
                        self.data) as engine:
                if not self.data:
                    self.data = engine.data
                    engine.take_list(row_of(number, PLACE, "email")
                                     for number in range(self.count))
                engine.post(self.posted)
                self.posted += 1
                engine.wait_for("tocsin_delivery_planned_total", self.count, PATIENCE_S)
                until_still(engine.pids())
                return self.told(engine, relay)

    def told(self, engine, relay):
        before, relay_before = machine.cpu_ns(engine.pids()), machine.cpu_ns(relay.pids())
        began = engine.wait_for("tocsin_delivery_attempts_total", 1, 60)
        ended = engine.wait_for("tocsin_deliveries_settled_total", self.count, 300)
        used = machine.cpu_ns(engine.pids()) - before
        relay_used = machine.cpu_ns(relay.pids()) - relay_before
        return {"per_s": self.count / (ended - began), "cpu_us": used / 1e3 / self.count,
                "relay_cpu_us": relay_used / 1e3 / self.count}

    def loop(self, at_once):
        with OpenSmtpd(self.context) as relay:
            before = machine.cpu_ns(relay.pids())
            told = json.loads(self.run.stage.run(
                [self.context.built("bench_mail"), "--url", f"smtp://127.0.0.1:{relay.port}",
                 "--mails", str(self.count), "--at-once", str(at_once), "--octets", str(OCTETS)],
                machine.server_cpu(), 60))
            used = machine.cpu_ns(relay.pids()) - before
        return {"per_s": told["per_second"], "cpu_us": told["cpu_us_per_mail"],
                "relay_cpu_us": used / 1e3 / self.count}


def mail(run):
    measures = Mail(run)
    how = {"engine": ("tocsind, each state on the disk", measures.engine)}
    for at_once in LOOPS:
        how[f"loop-{at_once}"] = (f"a loop of libcurl's, {at_once} at once",
                                  lambda at_once=at_once: measures.loop(at_once))
    rows = [Row(name, title) for name, (title, _) in how.items() if run.wants(name)]
    run.rounds("mail", rows, lambda row: how[row.name][1]())
    run.publish("mail", "Mails through OpenSMTPD",
                ABOUT.format(count=measures.count, at_once=AT_ONCE), COLUMNS, rows)
