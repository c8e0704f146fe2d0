"""Rows of a Markdown table from what `llvm-cov export -summary-only` says of a target's seeds alone
and of them with units: the lines of each source named, and of all of them. Exit 1 where the seeds
reach less of all together than the percentage asked, or a source is not there. Paths are compared
from their end: a cache of compilers' answers may have made them relative to anywhere."""
import json
import os
import sys

target, percent_min, covers = sys.argv[1], float(sys.argv[2]), sys.argv[5:]


def lines_of(file):
    """Of each source named: how many lines it has and how many were reached."""
    with open(file, encoding="utf-8") as export:
        entries = {os.path.normpath(entry["filename"]): entry["summary"]["lines"]
                   for entry in json.load(export)["data"][0]["files"]}
    found = [next((lines for name, lines in entries.items()
                   if name.endswith("/" + source) or name == source), None) for source in covers]
    missing = [source for source, lines in zip(covers, found) if not lines]
    if missing:
        sys.exit(f"{target}: nothing is known of {' '.join(missing)}")
    return [(lines["count"], lines["covered"]) for lines in found]


def percent(rows):
    return 100 * sum(covered for _, covered in rows) / sum(count for count, _ in rows)


seeds, everything = lines_of(sys.argv[3]), lines_of(sys.argv[4])
for source, *rows in zip(covers, seeds, everything):
    shares = " | ".join(f"{percent([row]):.1f} %" for row in rows)
    print(f"| | `{source}` | {rows[0][0]} | {shares} |")
lines = sum(count for count, _ in seeds)
shares = " | ".join(f"**{percent(rows):.1f} %**" for rows in (seeds, everything))
print(f"| **{target}** | | {lines} | {shares} |")
sys.exit(0 if percent(seeds) >= percent_min else 1)
