"""Readers who do not read, and readers who all come back at once."""
import shlex

from . import peers
from .checks import full_of
from .deliveries import LATENCIES, missed, of_phase
from .figures import HERD_FULL, Figure

SLOW_SHARE = 0.05
SLOW_BYTES_PER_S = 1024
STOPPED_SHARE = 0.05
SLOW_COLUMNS = [
    *LATENCIES,
    Figure("cpu_us", "CPU a delivery, µs"),
    Figure("missed", "missed", ""),
    Figure("rss_growth_mb", "server's memory grew by, MB", ""),
    Figure("late", "slow and stopped readers", ""),
    Figure("late_complete", "of them with everything in the end", ""),
]
SLOW_ABOUT = (
    "Do those who read notice those who do not? Latencies, CPU and what was missed are of those "
    "who read, in a phase of 10 bulletins a second; the server's CPU for the others is in theirs. "
    "As long a phase goes before it, in which the sockets of those who do not read fill. "
    "In the end the slow and the stopped read on, and come back where they were cut off. × is "
    "the ratio to the loop of send(); with slow readers, to the same server without.")

STORM_CONNECTIONS = 15_000
STORM_COLUMNS = [
    Figure("reconnect_s", "cut off: all back after, s"),
    Figure("cpu_us", "CPU a reconnect, µs"),
    Figure("listening_s", "killed: listens again after, s", ""),
    Figure("complete_s", "then all have everything after, s", ""),
    Figure("complete", "readers who have everything", ""),
    Figure("missed", "missed", ""),
]
STORM_ABOUT = (
    "First all readers are cut off at once and come back at once. Then the server is killed and "
    "started again; 5 bulletins are published before anybody is back, and everybody resumes where "
    "they were. The loop of send() keeps nothing, so nothing is published there. × is the ratio "
    "to it.")


def slow(run):
    """The engine without and with one reader in ten who takes little or nothing."""
    conns = run.options.conns
    phases = (["burst:25:1", "paced:10:19", "paced:10:20"] if not run.options.quick else
              ["burst:5:1", "paced:10:2", "paced:10:1"])
    few = ["--slow", f"{SLOW_SHARE}:{SLOW_BYTES_PER_S}", "--stopped", str(STOPPED_SHARE),
           "--resume-query", "after={epoch}:{seq}"]
    how = (f"{SLOW_SHARE:.0%} read {SLOW_BYTES_PER_S:,} octets a second, "
           f"{STOPPED_SHARE:.0%} nothing")
    floor, engine = (lambda: peers.Floor(run.context),
                     lambda: peers.Engine(run.context, run.bulletins))
    made = {
        "floor": ("loop of send(), all read", floor, []),
        "floor-slow": (f"loop of send(), {how}", floor, few),
        "engine": ("tocsind, all read", engine, []),
        "engine-slow": (f"tocsind, {how}", engine, few)}
    rows = run.rows(made, conns)
    for row in rows:
        row.floor = row.name.removesuffix("-slow") if row.name.endswith("-slow") else ""

    def measure(row):
        _, maker, extra = made[row.name]
        told = run.once(maker(), phases, conns, extra=extra)
        late = [told[pace] for pace in ("slow", "stopped") if pace in told]
        return {**of_phase(told, phases[2]), "missed": sum(told[one]["missed"] for one in phases),
                "rss_growth_mb": (told["rss_end"] - told["rss_idle"]) / 1e6,
                "late": sum(one["conns"] for one in late) if late else None,
                "late_complete": sum(one["complete"] for one in late) if late else None}

    run.rounds("slow", rows, measure)
    run.publish("slow", f"Slow readers: {conns:,} connections, {run.bulletins.bytes:,} octets",
                SLOW_ABOUT, SLOW_COLUMNS, rows)


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
    rows = run.rows(made, conns)

    def measure(row):
        _, maker, dies, extra = made[row.name]
        try:
            with maker() as peer:
                told = run.herd(peer, [warm, "storm", dies], conns,
                                extra=[*extra, *restart_options(run, peer)])
        finally:
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
    run.publish("storm", f"Storm: {conns:,} connections, {run.bulletins.bytes:,} octets",
                STORM_ABOUT, STORM_COLUMNS, rows)
