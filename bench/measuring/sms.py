"""Text messages through one bind with a window of 100: what of each is durable, what it costs, and
beside it Kannel, which keeps nothing."""
import json
import time

from . import machine, peers
from .figures import Figure, Row
from .machine import Fault
from .outgoing import Alerts, Centre, Teller, row_of, sms_channel

PLACE = "E06000038"
WINDOW = 100
UNBOUNDED = 1_000_000  # a second: no contract
CLIENTS = 32
PATIENCE_S = 20  # so long are messages planned before the first leaves
STILL_S = 0.5
COLUMNS = [
    Figure("per_s", "submits a second", "kannel"),
    Figure("cpu_us", "CPU a message, µs", "kannel"),
    Figure("planned_per_s", "planned a second", ""),
]
ABOUT = (
    "Submits through one bind with a window of {window}, into the same message centre on the "
    "second core, which answers at once; whoever is measured has the first. tocsind reads each "
    "organisation's sealed contacts, writes to the disk that a message leaves before it leaves, "
    "and what became of it after: {count:,} messages of one alert, planned while the rules wait "
    "for somebody to acknowledge. CPU is that of the process from the first message on, its "
    "timers included. Kannel's bearerbox and smsbox are asked over HTTP by {clients} connections "
    "(wrk), as is its way, and keep messages in memory. The row below tocsind is its SMS channel "
    "alone. × is the ratio to Kannel.")


class Kannel(peers.Peer):
    """bearerbox and smsbox, without a spool."""

    name, title = "kannel", "Kannel, without a spool"

    def __init__(self, context, centre):
        super().__init__(context)
        self.centre = centre
        self.smsbox = None

    def start(self):
        packages = self.context.packages
        bearerbox = packages.program("bearerbox", "kannel")
        smsbox = packages.program("smsbox", "kannel")
        self.environment = packages.environment()
        folder = self.stage.new_folder("kannel")
        self.folder = folder
        admin, inner, self.http = (machine.free_port() for _ in range(3))
        self.port = inner
        config = self.stage.write("kannel.conf", f"""group = core
admin-port = {admin}
admin-password = bench
smsbox-port = {inner}
box-allow-ip = "127.0.0.1"
log-level = 4
log-file = {folder}/bearerbox.log

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = {self.centre.port}
smsc-username = bench
smsc-password = bench
system-type = ""
transceiver-mode = true
max-pending-submits = {WINDOW}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {self.http}
log-level = 4
log-file = {folder}/smsbox.log

group = sendsms-user
username = bench
password = bench
max-messages = 1
""")
        self.launch([bearerbox, "-v", "4", config])
        self.smsbox = self.stage.start("smsbox", [smsbox, "-v", "4", config], self.cpus,
                                       self.environment, folder)
        self.stage.wait_for_port(self.smsbox, self.http)

    def pids(self):
        return [*super().pids(), *self.smsbox.pids()]

    def end(self):
        if self.smsbox:
            self.stage.end(self.smsbox)
            self.smsbox = None
        super().end()

    def url(self):
        text = "EXERCISE+Knighton+flood+warning.+Move+upstairs+now.+" + "x" * 68
        return (f"http://127.0.0.1:{self.http}/cgi-bin/sendsms?username=bench&password=bench&"
                f"to=447700900123&from=TOCSIN&text={text}")


def until_still(pids):
    """Until those processes have nothing to do."""
    before = machine.cpu_ns(pids)
    while True:
        time.sleep(STILL_S)
        now = machine.cpu_ns(pids)
        if now - before < STILL_S * 1e9 / 50:
            return
        before = now


class Sms:
    def __init__(self, run):
        self.run = run
        self.context = run.context
        self.count = 5_000 if run.options.quick else 100_000
        self.seconds = 2 if run.options.quick else 6
        self.alerts = Alerts(run, run.options.rounds, ("Severe",), (PLACE,))
        self.data = None
        self.posted = 0

    def engine(self):
        centre = Centre(self.context)
        with centre, Teller(self.context, self.alerts, sms_channel(centre.port, UNBOUNDED, WINDOW),
                            PATIENCE_S, self.data) as engine:
            if not self.data:
                self.data = engine.data
                engine.take_list(row_of(number, PLACE, "sms") for number in range(self.count))
            began = engine.post(self.posted)
            self.posted += 1
            planned = engine.wait_for("tocsin_delivery_planned_total", self.count, 300)
            if planned - began > PATIENCE_S - 2:
                raise Fault(f"planning took {planned - began:.1f} s, and messages leave meanwhile")
            until_still(engine.pids())
            before = machine.cpu_ns(engine.pids())
            engine.wait_for("tocsin_deliveries_settled_total", self.count, 300)
            used = machine.cpu_ns(engine.pids()) - before
        return {**self.counted(centre, self.count, used),
                "planned_per_s": self.count / (planned - began)}

    def channel(self):
        centre = Centre(self.context)
        with centre:
            told = json.loads(self.run.stage.run(
                [self.context.built("bench_sms"), "--port", str(centre.port), "--messages",
                 str(2 * self.count), "--window", str(WINDOW)], machine.server_cpu()))
        return {"per_s": told["per_second"], "cpu_us": told["cpu_us_per_message"]}

    def kannel(self):
        wrk = self.context.packages.program("wrk", "wrk")
        centre = Centre(self.context)
        with centre, Kannel(self.context, centre) as kannel:
            until_still(kannel.pids())
            before = machine.cpu_ns(kannel.pids())
            self.run.stage.run([wrk, "-t", "1", "-c", str(CLIENTS), "-d", f"{self.seconds}s",
                                kannel.url()], machine.herd_cpu(),
                               environment=kannel.environment)
            until_still(kannel.pids())
            used = machine.cpu_ns(kannel.pids()) - before
        return self.counted(centre, 1000, used)

    @staticmethod
    def counted(centre, least, used_ns):
        counts = centre.counts
        if not counts or counts["submits"] < least or counts["binds"] != 1:
            raise Fault(f"the message centre saw {counts}")
        return {"per_s": counts["per_second"], "cpu_us": used_ns / 1e3 / counts["submits"]}


def sms(run):
    measures = Sms(run)
    rows = [Row(name, title) for name, title in (
        ("kannel", Kannel.title), ("engine", "tocsind, each state on the disk"),
        ("channel", "its SMS channel alone, nothing on the disk")) if run.wants(name)]
    run.rounds("sms", rows, lambda row: getattr(measures, row.name)())
    run.publish("sms", "Text messages through one bind",
                ABOUT.format(window=WINDOW, count=measures.count, clients=CLIENTS), COLUMNS, rows)
