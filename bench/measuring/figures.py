"""The mathematics of a comparison: medians and their spread, ratios, rows and tables. No I/O."""
import statistics

FLOOR = "floor"


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

    def __init__(self, name, title, floor="", **facts):
        self.name = name
        self.title = title
        self.facts = facts
        self.floor = floor  # the name of its floor, where it is not the figure's own
        self.rounds = []
        self.faults = []

    def add(self, values):
        self.rounds.append(values)

    def figure(self, key):
        return spread([values.get(key) for values in self.rounds])

    def floor_of(self, figure):
        """The name of the row beside which it stands; empty where there is none."""
        return self.floor if figure.floor and self.floor else figure.floor


def result_lines(section, figures, rows, common):
    """One dictionary a row: its figures, and each beside its floor, of the same rounds."""
    by_name = {row.name: row for row in rows}
    lines = []
    for row in rows:
        line = {"section": section, "row": row.name, "title": row.title, **row.facts,
                "figures": {}, "ratio_to_floor": {}, "faults": row.faults, **common}
        for figure in figures:
            value = row.figure(figure.key)
            if value is None:
                continue
            line["figures"][figure.key] = value
            floor = by_name.get(row.floor_of(figure))
            compared = ratio(value, floor.figure(figure.key)) if floor not in (None, row) else None
            if compared is not None:
                line["ratio_to_floor"][figure.key] = compared
        lines.append(line)
    return lines


def table(figures, lines):
    """Markdown: a row a server; behind each figure its ratio to the floor of the same run."""
    shown = [f for f in figures if any(f.key in line["figures"] for line in lines)]
    text = ["| | " + " | ".join(figure.heading for figure in shown) + " |",
            "|---|" + "---|" * len(shown)]
    for line in lines:
        cells = []
        for figure in shown:
            here = cell(line["figures"].get(figure.key))
            compared = line["ratio_to_floor"].get(figure.key)
            cells.append(here if compared is None else f"{here} ×{compared:.2f}")
        text.append(f"| {line['title']} | " + " | ".join(cells) + " |")
    return "\n".join(text)
