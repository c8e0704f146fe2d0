"""Whether memory grows with the bulletins that were ever taken in."""
from . import machine, peers
from .figures import Figure, Row, slope
from .flat import fill

COLUMNS = [
    Figure("filling", "B a bulletin while caches fill", ""),
    Figure("after", "B a bulletin after that", ""),
    Figure("end_mb", "memory at the end, MB", ""),
]
ABOUT = (
    "Memory that is no file (RssAnon) is read every {step:,} bulletins, up to {total:,}; B a "
    "bulletin is the slope of the straight line through these points, up to {full:,} and from "
    "there on. glibc gives threads heaps of their own (arenas), and what one thread frees another "
    "cannot always use; with one heap for all, memory follows what is in use. raw.jsonl has the "
    "points.")
ROWS = {"engine": ("tocsind", {}),
        "engine-one-arena": ("tocsind, one heap for all threads (MALLOC_ARENA_MAX=1)",
                             {"MALLOC_ARENA_MAX": "1"})}
STEP, FULL, TOTAL = 10_000, 200_000, 400_000
QUICK = (200, 600, 1200)


def growth(points, full):
    """Of (bulletins, octets): the slope up to `full` and from there on, and the end in MB."""
    return {"filling": slope([point for point in points if point[0] <= full]),
            "after": slope([point for point in points if point[0] >= full]),
            "end_mb": points[-1][1] / 1e6}


def memory(run):
    step, full, total = (STEP, FULL, TOTAL) if not run.options.quick else QUICK
    bulletins = run.bulletins_of(total)
    rows = [Row(name, title, bytes=bulletins.bytes, bulletins=total)
            for name, (title, _) in ROWS.items() if run.wants(name)]

    def measure(row):
        engine = peers.Engine(run.context, bulletins)
        engine.cpus = set(machine.both_cpus())
        engine.environment = ROWS[row.name][1]
        points = []
        with engine:
            for first in range(0, total, step):
                fill(run, engine, bulletins, first, step)
                points.append((first + step, machine.anonymous_bytes(engine.server.pid)))
        run.keep({"label": f"memory of {row.name}", "points": points})
        return growth(points, full)

    run.rounds("memory", rows, measure)
    run.publish("memory", f"Memory: {total:,} bulletins of {bulletins.bytes:,} octets",
                ABOUT.format(step=step, full=full, total=total), COLUMNS, rows)
    bulletins.remove()
