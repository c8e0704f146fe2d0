"""Three machines that share a log, beside a plain JetStream stream that three servers keep, and one
tocsind alone: how many bulletins are acknowledged and how soon, and what it costs that the server
that leads the stream is killed."""
import json
import os
import shutil
import time
import urllib.error
import urllib.request

from . import machine, peers
from .figures import Figure, Row
from .ingest import MANY, EngineOnAll, milliseconds
from .machine import Fault

FLOOR = "jetstream-r3"
NAMES = ("a", "b", "c")
AGREED_SECONDS = 60
LOOK_S = 0.05
COLUMNS = [
    Figure("per_s", "a second", FLOOR),
    Figure("p50_ms", "p50, ms", FLOOR),
    Figure("p99_ms", "p99, ms", FLOOR),
    Figure("refused_percent", "refused, %", ""),
    Figure("nats_cpu_us", "nats-servers' CPU each, µs", FLOOR),
    Figure("engine_cpu_us", "tocsinds' CPU each, µs", ""),
    Figure("client_cpu_us", "client CPU each, µs", ""),
]
ABOUT = (
    "Three nats-servers with JetStream and three tocsind that share a log by them, all on this "
    "machine, over loopback, with its two cores for everything: each bulletin is verified, judged, "
    "agreed on by a majority of the servers, and on the disk of the machine that answers before it "
    "answers; the other two read it and write it to theirs meanwhile. Beside it the same bodies "
    "are published to a stream with three replicas on three such servers, which check nothing and "
    "answer before any flush; and posted to one tocsind without a cluster. Where all three are "
    "asked at once they compete for the next place, and who is beaten to it for two seconds says "
    "503. × is the ratio to JetStream with as many clients.")
KILLED = {f"{FLOOR}-killed": "JetStream, a stream with 3 replicas",
          "cluster-killed": "tocsind, 3 machines that share a log"}
KILLS = 2  # in one round
KILL_SENDERS = 64
KILL_COLUMNS = [
    Figure("leader_s", "until the stream has a leader, s", "jetstream-r3-killed"),
    Figure("pause_s", "nobody was answered yes for, s", "jetstream-r3-killed"),
    Figure("all_s", "all three answer again, s", "jetstream-r3-killed"),
    Figure("refused", "refusals meanwhile", ""),
    Figure("unknown", "without an answer", ""),
    Figure("back_pause_s", "the longest pause as it comes back, s", "jetstream-r3-killed"),
    Figure("acknowledged", "acknowledged", ""),
    Figure("lost", "of them lost", ""),
]
KILL_ABOUT = (
    "While {senders} senders publish, some {rate} bulletins a second in all, the nats-server that "
    "leads the stream is killed (SIGKILL), and started again once all answer. Each sender asks "
    "again, of the next machine or server, until it has a yes; the pause is the longest time in "
    "which nobody had one. In the end every acknowledged bulletin has to stand in the logs of all "
    "three machines, in one order, at the place that its answer named; beside them, in the stream. "
    "{kills} kills a round. × is the ratio to JetStream.")


class Servers(peers.Peer):
    """Three nats-servers that keep streams together, configured as ops/cluster does."""

    name, title = FLOOR, "JetStream, a stream with 3 replicas, not waiting for the disk"

    def __init__(self, context):
        super().__init__(context)
        self.servers, self.ports, self.monitors = [], [], []
        self.cpus = set(machine.both_cpus())

    def start(self):
        program = self.context.packages.program("nats-server", "nats-server")
        self.ports, routes, self.monitors = ([machine.free_port() for _ in NAMES]
                                             for _ in range(3))
        for name, port, route, monitor in zip(NAMES, self.ports, routes, self.monitors):
            config = self.stage.write(f"nats-{name}.conf", f"""server_name: {name}
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{self.stage.new_folder(f'nats-{name}')}", max_mem: 64M, max_file: 2G }}
cluster {{ name: tocsin, listen: "127.0.0.1:{route}",
  routes: [{", ".join(f'"nats://127.0.0.1:{each}"' for each in routes)}] }}
""")
            self.servers.append(self.stage.start(f"nats-{name}", [program, "-c", config],
                                                 self.cpus))
        for server, port in zip(self.servers, self.ports):
            self.stage.wait_for_port(server, port)
        until("a leader of the nats-servers", lambda: all(self.led(port) for port in self.monitors))

    @staticmethod
    def led(monitor):
        return fetched(f"http://127.0.0.1:{monitor}/healthz?js-enabled-only=true") is not None and \
            has_leader(fetched(f"http://127.0.0.1:{monitor}/jsz"))

    def nats_pids(self):
        return [pid for server in self.servers for pid in server.pids()]

    def engine_pids(self):
        return []

    def end(self):
        for server in self.servers:
            self.stage.end(server)
        self.servers = []


class Member(EngineOnAll):
    """One of the machines that share a log."""

    def __init__(self, context, bulletins, node, urls):
        super().__init__(context, bulletins)
        self.more = ("--cluster", urls, "--node", node)

    def current(self):
        told = fetched(f"http://127.0.0.1:{self.port}/readyz")
        return told is not None and not any("cluster" in each for each in told["warnings"])


class Machines(Servers):
    """The same with a tocsind for each."""

    name, title = "cluster", "tocsind, 3 machines that share a log"

    def __init__(self, context, bulletins):
        super().__init__(context)
        self.bulletins = bulletins
        self.members = []

    def start(self):
        super().start()
        urls = ",".join(f"nats://127.0.0.1:{port}" for port in self.ports)
        for name in NAMES:
            self.members.append(Member(self.context, self.bulletins, name, urls))
            self.members[-1].start()
        until("machines that take alerts", lambda: all(each.current() for each in self.members))
        self.ports = [each.port for each in self.members]

    def engine_pids(self):
        return [pid for each in self.members for pid in each.pids()]

    def end(self):
        for each in self.members:
            each.end()
        self.members = []
        super().end()


class Alone(EngineOnAll):
    name, title = "engine", "tocsind alone, no cluster"

    @property
    def ports(self):
        return [self.port]

    def nats_pids(self):
        return []

    def engine_pids(self):
        return self.pids()


def fetched(url):
    """The JSON that is there, or nothing."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None


def has_leader(told):
    """Whether a nats-server that said this (/jsz) knows who leads them."""
    return bool(((told or {}).get("meta_cluster") or {}).get("leader"))


def until(what, holds):
    late = time.monotonic() + AGREED_SECONDS
    while not holds():
        if time.monotonic() > late:
            raise Fault(f"{what}: not within {AGREED_SECONDS} s")
        time.sleep(LOOK_S)


class Shared:
    """The rows of ingest; each server is started once a round, and asked in all its ways."""

    def __init__(self, run):
        self.run = run
        self.context = run.context
        self.few, self.many = (100, 1_000) if run.options.quick else (1_000, 15_000)
        self.bulletins = run.bulletins_of(self.few + 2 * self.many)
        self.octets = os.path.getsize(self.bulletins.path) // self.bulletins.count - 1
        self.parts = {"1": self.bulletins.part(0, self.few),
                      str(MANY): self.bulletins.part(self.few, self.many),
                      f"{MANY}-all": self.bulletins.part(self.few + self.many, self.many)}
        self.peers = {
            Servers.name: (lambda: Servers(self.context), ("1", str(MANY))),
            Machines.name: (lambda: Machines(self.context, self.bulletins),
                            ("1", str(MANY), f"{MANY}-all")),
            Alone.name: (lambda: Alone(self.context, self.bulletins), ("1", str(MANY)))}
        self.made = {name: [self.row(name, way) for way in ways]
                     for name, (_, ways) in self.peers.items() if run.wants(name)}

    def row(self, name, way):
        titles = {"1": "1 client", str(MANY): f"{MANY} clients at one of them",
                  f"{MANY}-all": f"{MANY} clients at all three in turn"}
        of_one = {**titles, str(MANY): f"{MANY} clients"}
        title = {each.name: each.title for each in (Servers, Machines, Alone)}[name]
        words = titles[way] if name == Machines.name else of_one[way]
        return Row(f"{name}-{way}", f"{title}, {words}", f"{FLOOR}-{way.split('-')[0]}",
                   bytes=self.octets)

    def rows(self):
        return [row for rows in self.made.values() for row in rows]

    def measure(self, name):
        """One round of that server: its rows, one after the other, on the same log."""
        make, ways = self.peers[name]
        with make() as peer:
            for row, way in zip(self.made[name], ways):
                try:
                    row.add(self.asked(peer, way))
                except Fault as fault:
                    self.run.fail(row, fault)

    def asked(self, peer, way):
        clients = way.split("-")[0]
        ports = peer.ports if way.endswith("-all") or peer.name == FLOOR else peer.ports[:1]
        how = ["nats", "--replicas", "3"] if peer.name == FLOOR else ["http"]
        if way.endswith("-all"):
            how.append("--may-refuse")
        before = machine.cpu_ns(peer.nats_pids()), machine.cpu_ns(peer.engine_pids())
        told = json.loads(self.run.stage.run(
            [self.context.built("bench_ingest"), *how, "--bodies", self.parts[way], "--clients",
             clients, "--port", *(str(port) for port in ports)]))
        if told["answered"] + told["refused"] != (self.few if way == "1" else self.many):
            raise Fault(f"{told['answered']:,} were acknowledged")
        nats, engine = (machine.cpu_ns(pids) - then for pids, then in
                        zip((peer.nats_pids(), peer.engine_pids()), before))
        return {**milliseconds(told),
                "refused_percent": 100 * told["refused"] / (told["answered"] + told["refused"])
                                   if way.endswith("-all") else None,
                "nats_cpu_us": nats / 1e3 / told["answered"] if nats else None,
                "engine_cpu_us": engine / 1e3 / told["answered"] if engine else None}


class Killed:
    """The leader of the stream killed, by a program that uses the tests' own checker."""

    rate = 500  # bulletins a second that are sent in all

    def __init__(self, run):
        self.run = run
        self.context = run.context
        self.bulletins = run.bulletins_of(20_000 if run.options.quick else 40_000)

    def rows(self):
        return [Row(name, title) for name, title in KILLED.items() if self.run.wants(name)]

    def measure(self, row):
        """A round of that row: so many kills, each as a round of its own in the figures."""
        node = shutil.which("node")
        if not node or not os.path.isdir(os.path.join(self.context.root, "tests", "node_modules")):
            raise Fault("needs node, and what `npm ci` fetches in tests/")
        program = self.context.packages.program("nats-server", "nats-server")
        told = self.run.stage.run(
            [node, os.path.join(self.context.root, "bench", "cluster", "kills.mjs"),
             "--row", row.name, "--kills", "1" if self.run.options.quick else str(KILLS),
             "--senders", str(KILL_SENDERS), "--rate", str(self.rate),
             "--bodies", self.bulletins.path, "--trust", self.bulletins.trust],
            environment={"TOCSIN_BIN": self.context.programs, "TOCSIN_NATS_SERVER": program})
        *earlier, last = kills_of(told)
        for each in earlier:
            row.add(each)
        self.run.keep({"label": row.name, "kills": [*earlier, last]})
        return last


def kills_of(text):
    """Its lines of JSON, one a kill; what a test runner says besides is no line of ours."""
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"kill":')]


def share_a_log(run):
    shared = Shared(run)
    by_peer = [Row(name, shared.peers[name][0]().title) for name in shared.made]
    run.rounds("cluster", by_peer, lambda row: shared.measure(row.name) or {})
    for row in by_peer:
        for one in shared.made[row.name]:
            one.faults += row.faults
    run.publish("cluster", "A log that three machines share", ABOUT, COLUMNS, shared.rows())
    shared.bulletins.remove()


def kill_leaders(run):
    killed = Killed(run)
    rows = killed.rows()
    run.rounds("cluster", rows, killed.measure)
    run.publish("cluster", "The server that leads the stream is killed",
                KILL_ABOUT.format(senders=KILL_SENDERS, rate=f"{killed.rate:,}", kills=KILLS),
                KILL_COLUMNS, rows)
    killed.bulletins.remove()


def cluster(run):
    if any(run.wants(each.name) for each in (Servers, Machines, Alone)):
        share_a_log(run)
    if any(run.wants(name) for name in KILLED):
        kill_leaders(run)
