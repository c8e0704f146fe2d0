"""What is wrong with a run, in what the herd said of it: readers who were not there or did not get
what was theirs, and a herd that was itself what was measured."""

WRONG = ("missed", "duplicates", "out_of_order", "unasked", "strays")
BUSY_MAX = 0.9  # of its core; above, the herd may be what is slow


def faults_of(told, may_miss=False):
    """A text for each thing that makes the figures worthless: a server that has fewer readers, or
    sends them less, has better ones. `may_miss`: the server never promised them everything."""
    forgiven = ("missed", "lost") if may_miss else ()
    found = []
    for name, one in told.items():
        if not isinstance(one, dict):
            continue
        due = one.get("conns", told["conns"])
        found += [f"{name}: {one[key]:,} of {due:,} {key}" for key in ("ok", "complete")
                  if one.get(key, due) != due]
        found += [f"{name}: {one[key]:,} {key}" for key in WRONG
                  if one.get(key) and key not in forgiven]
    if told.get("lost") and "lost" not in forgiven:
        found.append(f"{told['lost']:,} lost")
    return found


def full_of(told, phases_of):
    """Those keys of {figure: its phases} in one of whose phases the herd's core was full."""
    return sorted(key for key, phases in phases_of.items()
                  if any(told[phase].get("herd_busy", 0) > BUSY_MAX
                         for phase in phases if phase in told))
