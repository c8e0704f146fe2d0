"""What should not grow: the cost of a delivery with readers and with the log, and memory with
bulletins."""
from . import machine, peers
from .checks import full_of
from .figures import HERD_FULL, Figure, Row, slope
from .fanout import missed

SHARES = (0.1, 0.3, 1.0, 1.9)  # of --conns: 1,000, 3,000, 10,000 and 19,000
COLUMNS = [
    Figure("cpu_us", "CPU a delivery, one POST at a time, µs"),
    Figure("p50_ms", "p50, ms"),
    Figure("p99_ms", "p99, ms"),
    Figure("last_ms", "last reader, ms"),
    Figure("rss_per_conn", "memory a connection, B", ""),
    Figure("open_s", "start with that log, s", ""),
    Figure("start_mb", "memory then, MB", ""),
    Figure("missed", "missed", ""),
]
MANY = 64
LOGS = (1_000, 1_000_000)
QUICK_LOGS = (100, 1_000)
MEMORY_COLUMNS = [
    Figure("bytes_per_bulletin", "B a bulletin", ""),
    Figure("anon_mb", "memory at the end, MB", ""),
]


def anonymous_bytes(pid):
    """What the process holds that is no file: heap and stacks."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise machine.Fault("this kernel tells no RssAnon")


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
        try:
            engine.start()
            fill(run, engine, self.bulletins, 0, self.used)
        finally:
            engine.end()
        self.data = engine.data

    def engine(self):
        return peers.Engine(self.run.context, self.bulletins, self.data)

    def bodies(self, count):
        self.used += count
        return self.bulletins.part(self.used - count, count)


def flat_figures(told, phase):
    one = told[phase]
    return {"cpu_us": one["server_cpu_us"], "p50_ms": one["lat_us"]["p50"] / 1e3,
            "p99_ms": one["lat_us"]["p99"] / 1e3, "last_ms": one["last_us"]["median"] / 1e3,
            "rss_per_conn": told["rss_per_conn"], "missed": missed(told),
            HERD_FULL: full_of(told, dict.fromkeys(("cpu_us", "p50_ms", "p99_ms", "last_ms"),
                                                   [phase]))}


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
            engine = log.engine()
            try:
                engine.start()
                at_start = anonymous_bytes(engine.server.pid)
                told = run.herd(engine, [warm, phase], run.options.conns, bodies=log.bodies(each))
            finally:
                engine.end()
            return {**flat_figures(told, phase), "open_s": engine.ready_s,
                    "start_mb": at_start / 1e6}
        return measure

    logs = []
    for count in (LOGS if not quick else QUICK_LOGS) if run.wants("engine") else ():
        logs.append(LongLog(run, count, each * run.options.rounds))
        add("engine-log", f"tocsind, {run.options.conns:,} connections, {count:,} in the log",
            run.options.conns, on(logs[-1]), log=count)
    run.rounds("flat", rows, lambda row: measures[row.name]())
    run.publish("flat", f"Flat: {run.bulletins.bytes:,} octets", COLUMNS, rows)
    for log in logs:
        log.bulletins.remove()


def memory(run):
    """Readers and bulletins come and go; what stays is the slope over the later two thirds."""
    step, warm, steps = (10_000, 5, 15) if not run.options.quick else (200, 2, 6)
    bulletins = run.bulletins_of(step * steps)
    row = Row("engine", f"tocsind, over {step * (steps - warm):,} bulletins after {step * warm:,}")

    def measure(_):
        engine = peers.Engine(run.context, bulletins)
        engine.cpus = set(machine.both_cpus())
        try:
            engine.start()
            points = []
            for number in range(steps):
                fill(run, engine, bulletins, number * step, step)
                points.append(((number + 1) * step, anonymous_bytes(engine.server.pid)))
            run.keep({"label": "memory", "points": points})
            return {"bytes_per_bulletin": slope(points[warm - 1:]),
                    "anon_mb": points[-1][1] / 1e6}
        finally:
            engine.end()

    run.rounds("memory", [row], measure)
    run.publish("memory", "Memory: what a bulletin leaves behind", MEMORY_COLUMNS, [row])
    bulletins.remove()
