"""The mathematics of a comparison: medians and their spread, ratios, rows and tables. No I/O."""
import statistics

FLOOR = "floor"
COLUMNS_MAX = 8
HERD_FULL = "herd_full"  # in the values of a round: keys of the figures of which that is true
SIGNS = {  # why a figure is to be read with care: its sign in a table, and what it means
    HERD_FULL: ("†", "the herd's core was full: what its readers could take, beside no floor"),
    "missed": ("‡", "this server promises nobody everything; its figures are of what arrived"),
}


def spread(values):
    """Median, lowest and highest of what was measured; None where nothing was."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"median": rounded(statistics.median(known)), "low": rounded(min(known)),
            "high": rounded(max(known)), "rounds": len(known)}


def rounded(value):
    """Six digits, which is more than any of it means."""
    return float(f"{value:.6g}")


def ratio(value, floor):
    """How many times the floor's median, or None where either is missing or the floor is 0."""
    if not value or not floor or not floor["median"]:
        return None
    return round(value["median"] / floor["median"], 3)


def weighted(pairs):
    """The mean of (value, weight) pairs, or None without weight."""
    pairs = [(value, weight) for value, weight in pairs if value is not None]
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total else None


def slope(points):
    """What y grows by for each x, by least squares over (x, y); None below two different x."""
    if len({x for x, _ in points}) < 2:
        return None
    mean_x = statistics.fmean(x for x, _ in points)
    mean_y = statistics.fmean(y for _, y in points)
    return (sum((x - mean_x) * (y - mean_y) for x, y in points) /
            sum((x - mean_x) ** 2 for x, _ in points))


def number(value):
    """As many digits as mean something: 3 of them, and thousands with commas."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def cell(value):
    """median [lowest..highest], as it stands in a table."""
    if not value:
        return "–"
    if value["rounds"] == 1:
        return number(value["median"])
    return f"{number(value['median'])} [{number(value['low'])}..{number(value['high'])}]"


class Figure:
    """One thing that is measured: its key in the results, its heading, and the row that is its
    floor."""

    def __init__(self, key, heading, floor=FLOOR):
        self.key = key
        self.heading = heading
        self.floor = floor


class Row:
    """One line of a table: what was measured of one server, a dictionary a round."""

    def __init__(self, name, title, floor="", unlike=(), **facts):
        self.name = name
        self.title = title
        self.facts = facts
        self.floor = floor  # the name of its floor, where it is not the figure's own
        self.unlike = unlike  # keys of figures that are no experiment of its floor's kind
        self.rounds = []
        self.faults = []

    def add(self, values):
        self.rounds.append(values)

    def figure(self, key):
        return spread([values.get(key) for values in self.rounds])

    def mark(self, key):
        """Why that figure is to be read with care, as a key of SIGNS, or nothing."""
        if any(key in values.get(HERD_FULL, ()) for values in self.rounds):
            return HERD_FULL
        if key == "missed" and any(values.get(key) for values in self.rounds):
            return key
        return None

    def floor_of(self, figure):
        """The name of the row beside which it stands; empty where there is none."""
        return self.floor if figure.floor and self.floor else figure.floor


def compared(row, figure, by_name):
    """Its ratio to its floor; None where there is none, and where it would say nothing."""
    floor = by_name.get(row.floor_of(figure))
    if floor in (None, row) or figure.key in row.unlike:
        return None
    if HERD_FULL in (row.mark(figure.key), floor.mark(figure.key)):
        return None
    return ratio(row.figure(figure.key), floor.figure(figure.key))


def result_lines(section, figures, rows, common):
    """One dictionary a row: its figures, and each beside its floor, of the same rounds."""
    by_name = {row.name: row for row in rows}
    lines = []
    for row in rows:
        line = {"section": section, "row": row.name, "title": row.title, **row.facts,
                "figures": {}, "ratio_to_floor": {}, "marks": {}, "faults": row.faults, **common}
        for figure in figures:
            value = row.figure(figure.key)
            if value is None:
                continue
            line["figures"][figure.key] = value
            beside = compared(row, figure, by_name)
            if beside is not None:
                line["ratio_to_floor"][figure.key] = beside
            if row.mark(figure.key):
                line["marks"][figure.key] = row.mark(figure.key)
        lines.append(line)
    return lines


def table(figures, lines):
    """Markdown: a row a server; behind each figure its ratio to the floor of the same run. More
    columns than one can read beside each other become tables below each other."""
    shown = [f for f in figures if any(f.key in line["figures"] for line in lines)]
    many = -(-len(shown) // COLUMNS_MAX) or 1
    each = -(-len(shown) // many)
    parts = [part_of_table(shown[first:first + each], lines)
             for first in range(0, max(1, len(shown)), max(1, each))]
    return "\n".join(["\n\n".join(parts), *notes(lines)])


def part_of_table(shown, lines):
    text = ["| | " + " | ".join(figure.heading for figure in shown) + " |",
            "|---|" + "---|" * len(shown)]
    for line in lines:
        cells = []
        for figure in shown:
            here = cell(line["figures"].get(figure.key))
            if figure.key in line["marks"]:
                here += " " + SIGNS[line["marks"][figure.key]][0]
            beside = line["ratio_to_floor"].get(figure.key)
            cells.append(here if beside is None else f"{here} ×{beside:.2f}")
        text.append(f"| {line['title']} | " + " | ".join(cells) + " |")
    return "\n".join(text)


def notes(lines):
    """Below a table: what its signs mean, and which rounds have no figures in it."""
    used = {mark for line in lines for mark in line["marks"].values()}
    text = [f"{sign} {words}" for mark, (sign, words) in SIGNS.items() if mark in used]
    text += [f"{line['title']}, a round without figures: {fault}"
             for line in lines for fault in line["faults"]]
    return [part for one in text for part in ("", one)]
