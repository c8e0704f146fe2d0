"""Rows of a Markdown table from what `llvm-cov export -summary-only` says on standard input: lines
and lines reached of each source, and of all of them. Exit 1 where all together are below the
percentage asked."""
import json
import sys

target, root, percent_min = sys.argv[1], sys.argv[2], float(sys.argv[3])
rows = [(entry["filename"].removeprefix(root + "/"), entry["summary"]["lines"])
        for entry in json.load(sys.stdin)["data"][0]["files"]]
count = sum(lines["count"] for _, lines in rows)
reached = sum(lines["covered"] for _, lines in rows)
share = 100 * reached / count
for name, lines in rows:
    each = 100 * lines["covered"] / lines["count"]
    print(f"| | `{name}` | {lines['count']} | {lines['covered']} | {each:.1f} % |")
print(f"| **{target}** | | {count} | {reached} | **{share:.1f} %** |")
sys.exit(0 if share >= percent_min else 1)
