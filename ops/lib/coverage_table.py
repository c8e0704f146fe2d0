"""Rows of a Markdown table from what `llvm-cov export -summary-only` says on standard input: lines
and lines reached of each source named, and of all of them. Exit 1 where all together are below the
percentage asked, or a source is not there. Paths are compared from their end: a cache of compilers'
answers may have made them relative to anywhere."""
import json
import os
import sys

target, percent_min, covers = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
entries = {os.path.normpath(entry["filename"]): entry["summary"]["lines"]
           for entry in json.load(sys.stdin)["data"][0]["files"]}
rows = [(source, next((lines for name, lines in entries.items()
                       if name.endswith("/" + source) or name == source), None))
        for source in covers]
missing = [source for source, lines in rows if not lines]
if missing:
    sys.exit(f"{target}: nothing is known of {' '.join(missing)}")
count = sum(lines["count"] for _, lines in rows)
reached = sum(lines["covered"] for _, lines in rows)
for source, lines in rows:
    each = 100 * lines["covered"] / lines["count"]
    print(f"| | `{source}` | {lines['count']} | {lines['covered']} | {each:.1f} % |")
share = 100 * reached / count
print(f"| **{target}** | | {count} | {reached} | **{share:.1f} %** |")
sys.exit(0 if share >= percent_min else 1)
