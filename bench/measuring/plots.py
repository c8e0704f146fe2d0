"""Which plots are drawn of which results."""
from . import drawing
from .figures import number

LATENCIES = (("p50_ms", "p50"), ("p99_ms", "p99"), ("last_ms", "last"))
SHORT = {"floor": "loop of send()", "floor-coalescing": "loop of send(), coalescing",
         "engine": "tocsind", "engine-2": "tocsind, 2 shards", "nchan": "nginx with nchan",
         "node-ws": "node ws", "nats": "nats-server", "mosquitto": "mosquitto"}


def latest(lines, section):
    """The rows of the last run of a section: those that share its date."""
    ours = [line for line in lines if line["section"] == section]
    if not ours:
        return []
    return [line for line in ours if line["date"] == ours[-1]["date"]]


def caption(line):
    """Two lines: the machine, and which run it was."""
    quick = "; a quick run, no figures to quote" if line.get("quick") else ""
    rounds = max((value["rounds"] for value in line["figures"].values()), default=0)
    many = "1 round" if rounds == 1 else f"median of {rounds} rounds, lowest to highest"
    return (line["machine"], f"{line['date'][:10]}; commit {line['commit']}; {many}{quick}")


def latency(lines):
    """Time to the readers against connections, of tocsind and of the floor."""
    rows = [line for line in lines if "log" not in line and line["figures"].get("p50_ms")]
    series = []
    for kind, name in (("engine", "tocsind"), ("floor", "send()")):
        mine = sorted((line for line in rows if line["row"] == f"{kind}-{line['conns']}"),
                      key=lambda line: line["conns"])
        for key, what in LATENCIES:
            points = [(line["conns"], line["figures"][key]) for line in mine]
            if points:
                series.append((f"{name}, {what}", kind, points))
    if not series:
        return None
    words = "; ".join(f"{name}: " + ", ".join(
        f"{number(value['median'])} ms at {x:,}" for x, value in points)
        for name, _, points in series)
    return drawing.lines(
        f"From POST to the readers, one bulletin of {rows[0]['bytes']:,} octets at a time",
        f"Milliseconds from the publisher's POST until readers have the message. {words}.",
        caption(rows[0]), "connected readers (logarithmic)", "milliseconds (logarithmic)", series)


def cpu(lines):
    """CPU for a delivery against peers."""
    rows = [line for line in lines if line["figures"].get("single_cpu_us")]
    if not rows:
        return None
    groups = [(SHORT.get(line["row"], line["title"]),
               [("one message at a time", line["figures"].get("single_cpu_us")),
                ("a burst", line["figures"].get("burst_cpu_us"))]) for line in rows]
    words = "; ".join(f"{name}: " + ", ".join(
        f"{what} {number(value['median'])}" for what, value in some if value)
        for name, some in groups)
    return drawing.bars(
        f"Server CPU for one delivery, {rows[0]['conns']:,} readers, {rows[0]['bytes']:,} octets",
        f"Microseconds of the server's CPU for each message to each reader. {words}.",
        caption(rows[0]), "microseconds a delivery", groups)


def drawn(lines):
    """{file name: SVG} of what there are results for."""
    made = {"latency_by_connections.svg": latency(latest(lines, "flat")),
            "cpu_by_peer.svg": cpu(latest(lines, "fanout"))}
    return {name: svg for name, svg in made.items() if svg}
