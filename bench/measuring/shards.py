"""What a second shard brings where there are two cores, one of them the readers'."""
from statistics import median

from . import machine, peers
from .checks import full_of
from .deliveries import missed
from .fanout import ALONE, alone_figures
from .figures import HERD_FULL, Figure

COLUMNS = [
    Figure("single_cpu_us", "CPU a delivery, each alone, µs", "engine"),
    Figure("first_ms", "first reader, ms", "engine"),
    Figure("half_ms", "half of the readers, ms", "engine"),
    Figure("last_ms", "last reader, ms", "engine"),
    Figure("burst_cpu_us", "CPU a delivery, burst, µs", "engine"),
    Figure("burst_per_s", "burst, deliveries/s", "engine"),
    Figure("fullest", "of the shards' work, the busiest did", ""),
    Figure("missed", "missed", ""),
]
ABOUT = (
    "The readers' process stays on the second core in every row, so the second shard has of that "
    "core what the readers leave; on a machine with a core more it would have one to itself. Each "
    "message is alone: the next is posted when all have the last. × is the ratio to 1 shard.")


def fullest(before, after, shards):
    """How much of what the shards worked the busiest did: those threads that worked most."""
    worked = sorted((after[task] - before.get(task, 0) for task in after), reverse=True)[:shards]
    return worked[0] / sum(worked) if sum(worked) else None


def shards(run):
    conns, quick = run.options.conns, run.options.quick
    alone = [f"burst:1:{i}" for i in range(1, (ALONE if not quick else 2) + 1)]
    warm, burst = ("burst:25:1", "burst:100:100") if not quick else ("burst:5:1", "burst:10:10")
    made = {kind.name: (kind.title, kind) for kind in (peers.Engine, peers.EngineTwoShards)}
    rows = run.rows(made, conns)

    def measure(row):
        kind = made[row.name][1]
        with kind(run.context, run.bulletins) as engine:
            before = machine.threads_ns(engine.server.pid)
            told = run.herd(engine, [warm, *alone, burst], conns)
            after = machine.threads_ns(engine.server.pid)
        return {**alone_figures(told, alone),
                "half_ms": median(told[one]["half_us"] for one in alone) / 1e3,
                "burst_cpu_us": told[burst]["server_cpu_us"],
                "burst_per_s": told[burst]["per_s"],
                "fullest": fullest(before, after, kind.shards), "missed": missed(told),
                HERD_FULL: full_of(told, {
                    **dict.fromkeys(("single_cpu_us", "first_ms", "half_ms", "last_ms"), alone),
                    **dict.fromkeys(("burst_cpu_us", "burst_per_s"), [burst])})}

    run.rounds("shards", rows, measure)
    run.publish("shards", f"Shards: {conns:,} connections, {run.bulletins.bytes:,} octets", ABOUT,
                COLUMNS, rows)
