"""How soon it is known whom a bulletin concerns: the index, an R-tree and a scan of the same sites
in one process, which must find the same."""
import json

from .figures import Figure, Row

COUNTS = (1_000, 10_000, 100_000, 1_000_000, 5_500_000)
QUICK_COUNTS = (1_000, 10_000)
QUESTIONS = {"town": "a town", "ragged_region": "a ragged region", "everywhere": "everything",
             "box_around_all": "a box around all", "place": "an authority by its code"}
PEERS = {"nearby": "tocsind", "nearby_with_distances": "with distances", "rtree": "R-tree",
         "scan": "scan"}
BUILDS = {"nearby": "load", "nearby_rebuild": "pack anew", "rtree": "R-tree"}
COLUMNS = [Figure("found", "found", ""),
           *(Figure(f"{peer}_ms", f"{title}, ms", "") for peer, title in PEERS.items()),
           *(Figure(f"build_{peer}_ms", f"{title}, ms", "") for peer, title in BUILDS.items()),
           Figure("octets_a_site", "octets a site", "")]
ABOUT = (
    "How long it takes to find the organisations that a bulletin concerns, by the processor's "
    "clock: in tocsind's index, with a thousand changes that are not packed yet, and with the "
    "distance of each; in a packed R-tree (Boost.Geometry), and by a scan of all. Each is asked "
    "about the same sites, synthetic and in towns, with severity, category, sector and status on,"
    " and has to find the same. Each question is a bulletin that nobody has asked about before.")


def questioned(lines, count, question):
    """The figures of one question among so many sites."""
    mine = {line["peer"]: line for line in lines
            if line["sites"] == count and line["what"] == question}
    values = {f"{peer}_ms": line["ms"] for peer, line in mine.items()}
    return {**values, "found": mine["nearby"]["found"]} if "nearby" in mine else {}


def built(lines, count):
    mine = {line["peer"]: line for line in lines
            if line["sites"] == count and line["what"] == "build"}
    values = {f"build_{peer}_ms": line["ms"] for peer, line in mine.items() if peer in BUILDS}
    return {**values, "octets_a_site": mine["nearby"]["octets_a_site"]} if mine else {}


def near(run):
    counts = QUICK_COUNTS if run.options.quick else COUNTS
    rows = [Row(f"{question}-{count}", f"{title}, {count:,} sites", sites=count, what=question)
            for question, title in QUESTIONS.items() for count in counts]
    builds = [Row(f"build-{count}", f"the index itself, {count:,} sites", sites=count, what="build")
              for count in counts]
    whole = Row("near", "all of it")

    def measure(_):
        told = run.stage.run([run.context.built("bench_near"), "--rounds", "9",
                              *(str(count) for count in counts)])
        lines = [json.loads(line) for line in told.splitlines()]
        for row in rows:
            row.add(questioned(lines, row.facts["sites"], row.facts["what"]))
        for row in builds:
            row.add(built(lines, row.facts["sites"]))
        return {}

    run.rounds("near", [whole], measure)
    run.publish("near", "Whom a bulletin concerns", ABOUT, COLUMNS, [*rows, *builds])
