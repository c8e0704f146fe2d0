"""Which plots are drawn of which results."""
from . import drawing
from .drawing import Value, Words
from .figures import SIGNS, number

LATENCIES = (("p50_ms", "p50"), ("p99_ms", "p99"))
BESIDE = (("engine", "tocsind"), ("floor", "loop of send()"))
CPUS = (("single_cpu_us", "one message at a time"), ("burst_cpu_us", "a burst"))
MATCHERS = (("nearby", "tocsind"), ("rtree", "R-tree"), ("scan", "scan"))
MATCHED = (("town", "a town"), ("ragged_region", "a region"), ("everywhere", "everything"))
SHORT = {"floor": "loop of send()", "floor-coalescing": "loop of send(), coalescing",
         "engine": "tocsind", "engine-2": "tocsind, 2 shards", "nchan": "nginx with nchan",
         "node-ws": "node ws", "nats": "nats-server", "mosquitto": "mosquitto"}


def latest(lines, section):
    """The rows of the last run of a section: those that share its date."""
    ours = [line for line in lines if line["section"] == section]
    if not ours:
        return []
    return [line for line in ours if line["date"] == ours[-1]["date"]]


def sign(line, key):
    mark = line["marks"].get(key)
    return SIGNS[mark][0] if mark else ""


def value(line, key):
    """That figure with its sign, as it is drawn; None where it was not measured."""
    spread = line["figures"].get(key)
    if not spread:
        return None
    return Value(spread["median"], spread["low"], spread["high"], sign(line, key))


def described(groups):
    """(name, [(words, their Value)]) as a sentence, for those who do not see the plot."""
    return "; ".join(f"{name}: " + ", ".join(f"{words} {one.sign}".strip() for words, one in some)
                     for name, some in groups)


def below(lines, keys):
    """What stands under a plot: what its signs mean, what is not in it, the machine, and which run
    it was."""
    marks = {line["marks"].get(key) for line in lines for key in (*keys, "missed")}
    text = [f"{sign} {words}." for mark, (sign, words) in SIGNS.items() if mark in marks]
    bad = {SHORT.get(line["row"], line["title"]): len(line["faults"]) for line in lines
           if line["faults"]}
    if bad:
        text.append("Rounds without figures: " +
                    ", ".join(f"{count} of {name}" for name, count in bad.items()) + ".")
    rounds = max((spread["rounds"] for line in lines for key in keys
                  if (spread := line["figures"].get(key))), default=0)
    many = ("One round." if rounds == 1 else
            f"Median of {rounds} rounds; the strokes go from their lowest to their highest.")
    if lines[0].get("quick"):
        text.append("A quick run, no figures to quote.")
    return [*text, f"{lines[0]['date'][:10]}, commit {lines[0]['commit']}. {many}",
            lines[0]["machine"] + "."]


def latency(lines):
    """Time to the readers against connections, of tocsind and of the floor."""
    rows = [line for line in lines if "log" not in line]
    keys = [key for key, _ in LATENCIES]
    series = []
    for kind, name in BESIDE:
        mine = sorted((line for line in rows if line["row"] == f"{kind}-{line['conns']}"),
                      key=lambda line: line["conns"])
        for key, what in LATENCIES:
            points = [(line["conns"], value(line, key)) for line in mine if value(line, key)]
            if points:
                series.append((f"{name}, {what}", kind, points))
    if not series:
        return None
    told = described((name, [(f"{number(one.median)} ms at {x:,}", one) for x, one in points])
                     for name, _, points in series)
    return drawing.lines(
        Words("From POST until the readers have it, against how many are connected",
              f"One bulletin of {rows[0]['bytes']:,} octets at a time, server and readers on a "
              "core each; tocsind verifies and flushes it first.",
              f"Milliseconds from the publisher's POST until readers have the message. {told}.",
              below(rows, keys)),
        "connected readers (logarithmic)", "milliseconds (logarithmic)", series)


def cpu(lines):
    """CPU for a delivery against peers."""
    keys = [key for key, _ in CPUS]
    rows = [line for line in lines if any(key in line["figures"] for key in keys)]
    if not rows:
        return None
    groups = [(f"{SHORT.get(line['row'], line['title'])} {sign(line, 'missed')}".strip(),
               [(what, value(line, key)) for key, what in CPUS]) for line in rows]
    told = described((name, [(f"{what} {number(one.median)}", one) for what, one in some if one])
                     for name, some in groups)
    return drawing.bars(
        Words("Server CPU for one delivery, server by server",
              f"{rows[0]['conns']:,} readers, messages of {rows[0]['bytes']:,} octets; tocsind "
              "alone verifies signatures and flushes to the disk first.",
              f"Microseconds of the server's CPU for each message to each reader. {told}.",
              below(lines, keys)),
        "microseconds of the server's CPU a delivery", groups)


def match(lines):
    """Time to find whom a bulletin concerns, against how many there are."""
    keys = [f"{peer}_ms" for peer, _ in MATCHERS]
    series = []
    for key, (peer, name) in zip(keys, MATCHERS):
        for question, what in MATCHED:
            mine = sorted((line for line in lines if line.get("what") == question),
                          key=lambda line: line["sites"])
            points = [(line["sites"], value(line, key)) for line in mine if value(line, key)]
            if points:
                series.append((f"{name}, {what}", peer, points))
    if not series:
        return None
    told = described((name, [(f"{number(one.median)} ms of {x:,}", one) for x, one in points])
                     for name, _, points in series)
    return drawing.lines(
        Words("Finding whom a bulletin concerns, against how many organisations there are",
              "Of 5.5 million a town is 12,000, the ragged region 700,000; every filter on, and a "
              "thousand changes not packed yet.",
              f"Milliseconds of the processor until all who are concerned are found. {told}.",
              below(lines, keys)),
        "organisations (logarithmic)", "milliseconds (logarithmic)", series)


PLOTS = {"latency_by_connections.svg": ("flat", latency), "cpu_by_peer.svg": ("fanout", cpu),
         "match_by_organisations.svg": ("near", match)}
SECTION_OF = {name: section for name, (section, _) in PLOTS.items()}


def drawn(lines):
    """{file name: SVG} of what there are results for."""
    made = {name: draw(latest(lines, section)) for name, (section, draw) in PLOTS.items()}
    return {name: svg for name, svg in made.items() if svg}
