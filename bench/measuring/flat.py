"""What should not grow: the cost of a delivery with readers and with the log."""
from . import machine, peers
from .deliveries import CPU_AND_LATENCIES, of_phase
from .figures import Figure, Row

SHARES = (0.1, 0.3, 1.0, 1.9)  # of --conns: 1,000, 3,000, 10,000 and 19,000
COLUMNS = [
    *CPU_AND_LATENCIES,
    Figure("rss_per_conn", "memory a connection, B", ""),
    Figure("open_s", "start with that log, s", ""),
    Figure("start_mb", "memory after the start, MB", ""),
    Figure("missed", "missed", ""),
]
ABOUT = (
    "More readers, or a longer log: what one delivery costs should stay, and the time until all "
    "have it grow as that of the loop. Bulletins come one POST at a time. What a process takes "
    "once is in the memory a connection, and is most of it where there are few. × is the ratio to "
    "the loop of send() with as many readers.")
MANY = 64
LOGS = (1_000, 1_000_000)
QUICK_LOGS = (100, 1_000)
def fill(run, engine, bulletins, first, count):
    """Takes in `count` bulletins from the one numbered `first` on, of many clients at once."""
    run.stage.run([run.context.built("bench_ingest"), "http", "--port", str(engine.port),
                   "--bodies", bulletins.path, "--skip", str(first), "--count", str(count),
                   "--clients", str(MANY)], seconds=3600)


class LongLog:
    """A log that has so many bulletins in the end, when the last `more` of them were published in
    measuring. No more than a million: as many as a sender may have in an hour."""

    def __init__(self, run, count, more):
        self.run = run
        self.used = count - more
        self.bulletins = run.bulletins_of(count)
        run.say(f"flat: a log of {count:,} bulletins is filled")
        engine = peers.Engine(run.context, self.bulletins)
        engine.cpus = set(machine.both_cpus())
        with engine:
            fill(run, engine, self.bulletins, 0, self.used)
        self.data = engine.data

    def engine(self):
        return peers.Engine(self.run.context, self.bulletins, self.data)

    def bodies(self, count):
        self.used += count
        return self.bulletins.part(self.used - count, count)


def flat_figures(told, phase):
    return {**of_phase(told, phase), "rss_per_conn": told["rss_per_conn"]}


def flat(run):
    quick = run.options.quick
    warm, phase = ("burst:25:1", "burst:20:1") if not quick else ("burst:5:1", "burst:4:1")
    each = 45 if not quick else 9
    measures, rows = {}, []

    def add(kind, title, conns, measure, **more):
        row = Row(f"{kind}-{conns}" if not more else f"{kind}-{more['log']}", title,
                  f"floor-{conns}", conns=conns, bytes=run.bulletins.bytes, **more)
        if run.wants(kind.split("-")[0]):
            rows.append(row)
            measures[row.name] = measure

    def plain(maker, conns):
        return lambda: flat_figures(run.once(maker(), [warm, phase], conns), phase)

    for conns in [max(1, int(run.options.conns * share)) for share in SHARES]:
        add("floor", f"{peers.Floor.title}, {conns:,} connections", conns,
            plain(lambda: peers.Floor(run.context), conns))
        add("engine", f"tocsind, {conns:,} connections", conns,
            plain(lambda: peers.Engine(run.context, run.bulletins), conns))

    def on(log):
        def measure():
            with log.engine() as engine:
                at_start = machine.anonymous_bytes(engine.server.pid)
                told = run.herd(engine, [warm, phase], run.options.conns, bodies=log.bodies(each))
            return {**flat_figures(told, phase), "open_s": engine.ready_s,
                    "start_mb": at_start / 1e6}
        return measure

    logs = []
    for count in (LOGS if not quick else QUICK_LOGS) if run.wants("engine") else ():
        logs.append(LongLog(run, count, each * run.options.rounds))
        add("engine-log", f"tocsind, {run.options.conns:,} connections, {count:,} in the log",
            run.options.conns, on(logs[-1]), log=count)
    run.rounds("flat", rows, lambda row: measures[row.name]())
    run.publish("flat", f"Flat: readers and the log grow, {run.bulletins.bytes:,} octets", ABOUT,
                COLUMNS, rows)
    for log in logs:
        log.bulletins.remove()
