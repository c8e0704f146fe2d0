"""Readers who do not read, and readers who all come back at once."""
import shlex

from . import peers
from .checks import full_of
from .figures import HERD_FULL, Figure, Row
from .fanout import missed

SLOW_SHARE = 0.05
SLOW_BYTES_PER_S = 1024
STOPPED_SHARE = 0.05
SLOW_COLUMNS = [
    Figure("p50_ms", "p50 of those who read, ms"),
    Figure("p99_ms", "p99, ms"),
    Figure("last_ms", "last reader, ms"),
    Figure("cpu_us", "CPU a delivery, µs"),
    Figure("missed", "missed by those who read", ""),
    Figure("rss_growth_mb", "memory grown by, MB", ""),
    Figure("lost_bulletins", "missed by the others in the end", ""),
]

STORM_CONNECTIONS = 15_000
STORM_COLUMNS = [
    Figure("reconnect_s", "cut off, all back, s"),
    Figure("cpu_us", "CPU a reconnect, µs"),
    Figure("listening_s", "all cut off to listening, s", ""),
    Figure("complete_s", "listening to all back with everything, s"),
    Figure("complete", "readers who have everything", ""),
    Figure("missed", "missed", ""),
]


def slow(run):
    """The engine without and with one reader in ten who takes little or nothing."""
    conns = run.options.conns
    phases = ["burst:25:1", "paced:10:20"] if not run.options.quick else ["burst:5:1", "paced:10:1"]
    few = ["--slow", f"{SLOW_SHARE}:{SLOW_BYTES_PER_S}", "--stopped", str(STOPPED_SHARE),
           "--resume-query", "after={epoch}:{seq}"]
    made = {
        "floor": ("loop of send(), all read", peers.Floor, []),
        "engine": ("tocsind, all read", peers.Engine, []),
        "engine-slow": ("tocsind, 5 % stopped and 5 % at 1 KiB/s", peers.Engine, few)}
    rows = [Row(name, title, conns=conns, bytes=run.bulletins.bytes)
            for name, (title, _, _) in made.items() if run.wants(name)]

    def measure(row):
        _, kind, extra = made[row.name]
        peer = kind(run.context, run.bulletins) if kind is peers.Engine else kind(run.context)
        told = run.once(peer, phases, conns, extra=extra)
        paced = told[phases[1]]
        late = [told[pace] for pace in ("slow", "stopped") if pace in told]
        return {"p50_ms": paced["lat_us"]["p50"] / 1e3, "p99_ms": paced["lat_us"]["p99"] / 1e3,
                "last_ms": paced["last_us"]["median"] / 1e3, "cpu_us": paced["server_cpu_us"],
                "missed": sum(told[phase]["missed"] for phase in phases),
                "rss_growth_mb": (told["rss_end"] - told["rss_idle"]) / 1e6,
                "lost_bulletins": sum(one["missed"] for one in late) if late else None,
                HERD_FULL: full_of(told, dict.fromkeys(("cpu_us", "p50_ms", "p99_ms", "last_ms"),
                                                       phases[1:]))}

    run.rounds("slow", rows, measure)
    run.publish("slow", f"Slow readers: {conns:,} connections, 10 bulletins a second",
                SLOW_COLUMNS, rows)


RESTART = """#!/bin/sh
# Kills the server, and becomes the next one.
kill -9 {pid}
while [ -e /proc/{pid} ] && [ "$(sed 's/.*) //; s/ .*//' /proc/{pid}/stat)" != Z ]; do :; done
echo $$
exec taskset -c {cpus} {command} >{log} 2>&1
"""


def restart_options(run, peer):
    """For the herd: how to kill this server and start it again where it was."""
    script = run.stage.write("restart", RESTART.format(
        pid=peer.server.pid, cpus=",".join(map(str, sorted(peer.server.cpus))),
        command=shlex.join(peer.command), log=run.stage.path("again.log")))
    return ["--restart", f"exec sh {script}"]


def storm(run):
    """Everybody is cut off and comes back: by a network that failed, and by a server that died."""
    conns = min(STORM_CONNECTIONS, run.options.conns * 3 // 2)
    warm = "burst:25:1" if not run.options.quick else "burst:5:1"
    made = {"floor": (peers.Floor.title, lambda: peers.Floor(run.context), "restart:0", []),
            "engine": (peers.Engine.title, lambda: peers.Engine(run.context, run.bulletins),
                       "restart:5", ["--resume-query", "after={epoch}:{seq}"])}
    rows = [Row(name, title, conns=conns, bytes=run.bulletins.bytes)
            for name, (title, *_) in made.items() if run.wants(name)]

    def measure(row):
        _, maker, dies, extra = made[row.name]
        peer = maker()
        try:
            peer.start()
            told = run.herd(peer, [warm, "storm", dies], conns,
                            extra=[*extra, *restart_options(run, peer)])
        finally:
            peer.end()
            run.stage.end_strangers()
        died = told[dies]
        with_log = row.name == "engine"
        return {"reconnect_s": told["storm"]["seconds"],
                "cpu_us": told["storm"]["server_cpu_us_per_conn"],
                "listening_s": died["listening_s"],
                "complete_s": died["complete_s"] if with_log else None,
                "complete": died["complete"] if with_log else None, "missed": missed(told),
                HERD_FULL: full_of(told, {"complete_s": [dies]})}

    run.rounds("storm", rows, measure)
    run.publish("storm", f"Storm: {conns:,} connections cut off, then the server killed with 5 "
                         "bulletins before anybody is back", STORM_COLUMNS, rows)
