"""One message to everybody: what it costs the server, and when the readers have it."""
from statistics import median

from . import peers
from .checks import full_of
from .deliveries import missed
from .figures import HERD_FULL, Figure, weighted

COALESCING = peers.CoalescingFloor.name
COLUMNS = [
    Figure("cpu_us", "CPU a delivery, one POST at a time, µs"),
    Figure("single_cpu_us", "CPU a delivery, each alone, µs"),
    Figure("first_ms", "first reader, ms"),
    Figure("last_ms", "last reader, ms"),
    Figure("burst_cpu_us", "CPU a delivery, burst, µs", COALESCING),
    Figure("burst_per_s", "burst, deliveries/s", COALESCING),
    Figure("missed", "missed", ""),
    Figure("paced_p50_ms", "paced, p50, ms", COALESCING),
    Figure("paced_p99_ms", "paced, p99, ms", COALESCING),
    Figure("paced_last_ms", "paced, slowest last reader, ms", COALESCING),
    Figure("paced_per_s", "paced, deliveries/s", COALESCING),
    Figure("paced_behind_s", "paced, behind at the end, s", ""),
    Figure("rss_per_conn", "memory a connection, B", ""),
    Figure("connects_per_s", "connects/s"),
]
ALONE = 10
ABOUT = (
    "CPU is the server's. Messages come one POST at a time (the next when the last is answered), "
    "each alone (the next when all readers have the last), 100 in a burst, and 30 a second, which "
    "is more than a loop of send() can do for 10,000. × is the ratio to that loop, of bursts and "
    "paced messages to the loop that coalesces.")
# In two shards a POST may be answered before the last of them has sent, so that the next message
# rides with it: no experiment of the floor's kind.
UNLIKE = {peers.EngineTwoShards.name: ("cpu_us",)}


class Course:
    """Which phases a run has, fewer of everything when it is to be quick."""

    def __init__(self, quick):
        self.warm = "burst:25:1" if not quick else "burst:5:1"
        self.one_by_one = "burst:20:1" if not quick else "burst:4:1"
        # One message each; of different names, since a name is a key of the result.
        self.alone = [f"burst:1:{i}" for i in range(1, (ALONE if not quick else 2) + 1)]
        self.burst = "burst:100:100" if not quick else "burst:10:10"
        self.paced_s = 10 if not quick else 0.5
        self.paced = f"paced:30:{self.paced_s}"

    def phases(self, raw):
        middle = [] if raw else [self.one_by_one]
        return [self.warm, *middle, *self.alone, self.burst, self.paced]

    def phases_of(self):
        """Where each figure comes from."""
        return {"cpu_us": [self.one_by_one],
                **dict.fromkeys(("single_cpu_us", "first_ms", "last_ms"), self.alone),
                **dict.fromkeys(("burst_cpu_us", "burst_per_s"), [self.burst]),
                **dict.fromkeys(("paced_p50_ms", "paced_p99_ms", "paced_last_ms", "paced_per_s",
                                 "paced_behind_s"), [self.paced])}

    def messages(self):
        def count(phase):
            kind, *rest = phase.split(":")
            if kind == "paced":
                return round(float(rest[0]) * float(rest[1]))
            return int(rest[0]) if kind == "burst" else 1
        return sum(count(phase) for phase in self.phases(False))


def alone_figures(told, phases):
    ones = [told[phase] for phase in phases if phase in told]
    return {"single_cpu_us": weighted([(o["server_cpu_us"], o["deliveries"]) for o in ones]),
            "first_ms": median(o["first_us"] for o in ones) / 1e3,
            "last_ms": median(o["last_us"]["median"] for o in ones) / 1e3}


def figures_of(told, course, raw):
    burst = told[course.burst]
    paced = told[course.paced]
    return {
        "cpu_us": None if raw else told[course.one_by_one]["server_cpu_us"],
        **alone_figures(told, course.alone),
        "burst_cpu_us": burst["server_cpu_us"], "burst_per_s": burst["per_s"],
        "paced_p50_ms": paced["lat_us"]["p50"] / 1e3,
        "paced_p99_ms": paced["lat_us"]["p99"] / 1e3,
        "paced_last_ms": paced["last_us"]["max"] / 1e3, "paced_per_s": paced["per_s"],
        "paced_behind_s": max(0, paced["seconds"] - course.paced_s),
        "rss_per_conn": told["rss_per_conn"], "connects_per_s": told["connect"]["per_s"],
        "missed": missed(told), HERD_FULL: full_of(told, course.phases_of())}


def candidates(run):
    """By name, each made anew for every round."""
    context, bulletins = run.context, run.bulletins
    plain = [peers.Floor, peers.CoalescingFloor, peers.Nchan, peers.NodeWs, peers.Nats,
             peers.Mosquitto]
    made = {kind.name: (kind.title, lambda kind=kind: kind(context)) for kind in plain[:2]}
    for kind in (peers.Engine, peers.EngineTwoShards):
        made[kind.name] = (kind.title, lambda kind=kind: kind(context, bulletins))
    made.update({kind.name: (kind.title, lambda kind=kind: kind(context)) for kind in plain[2:]})
    return made


def fanout(run):
    course = Course(run.options.quick)
    conns = run.options.conns
    makers = candidates(run)
    rows = run.rows(makers, conns)
    for row in rows:
        row.unlike = UNLIKE.get(row.name, ())

    def measure(row):
        peer = makers[row.name][1]()
        told = run.once(peer, course.phases(peer.raw), conns)
        return figures_of(told, course, peer.raw)

    run.rounds("fanout", rows, measure)
    run.publish("fanout", f"Fan-out: {conns:,} connections, {run.bulletins.bytes:,} octets", ABOUT,
                COLUMNS, rows)
