"""Plots as SVG: lines over logarithmic axes, and bars. No I/O. Colours follow the theme of whoever
looks, what differs by colour differs by shape or place too, and each plot has a title and a
description for those who do not see it."""
import math
import textwrap
from dataclasses import dataclass, field
from html import escape

from .figures import number

WIDTH = 800
SMALL_MAX = 112  # letters of the small text that stand beside each other
LEFT, RIGHT, TOP = 84, 24, 78
TICKS_MAX = 9  # of an axis
PLOT = 300  # what the lines of a plot are high
BAR, BETWEEN = 15, 12  # one bar, and what lies between two servers' bars
AXIS, LINE, EDGE = 64, 18, 14  # below a plot: its axis, then the lines of text, then nothing
STYLE = """
  svg { color-scheme: light dark; }
  text { font: 14px system-ui, sans-serif; fill: #1f2328; }
  .paper { fill: #ffffff; }
  .head { font-size: 17px; font-weight: 600; } .small { font-size: 12.5px; fill: #59636e; }
  .axis { stroke: #59636e; fill: none; } .grid { stroke: #d1d9e0; fill: none; }
  .range { stroke: #1f2328; fill: none; stroke-width: 1.5; }
  .round { stroke: #ffffff; stroke-width: 4; }
  .s0 { stroke: #0550ae; fill: #0550ae; } .s1 { stroke: #bc4c00; fill: #bc4c00; }
  .s2 { stroke: #57606a; fill: #57606a; }
  .line { stroke-width: 2; } .dashed { stroke-dasharray: 6 4; } .hollow { fill: #ffffff; }
  .dotted { stroke-dasharray: 2 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .small { fill: #9198a1; } .paper { fill: #0d1117; }
    .axis { stroke: #9198a1; } .grid { stroke: #3d444d; } .range { stroke: #f0f6fc; }
    .s0 { stroke: #79c0ff; fill: #79c0ff; } .s1 { stroke: #ffa657; fill: #ffa657; }
    .s2 { stroke: #b1bac4; fill: #b1bac4; }
    .hollow { fill: #0d1117; } .round { stroke: #0d1117; }
  }
"""


@dataclass
class Words:
    """What stands around a plot: above it, below it line by line, and for those who see neither."""

    title: str
    under: str
    description: str
    below: list = field(default_factory=list)


@dataclass
class Value:
    """What is drawn at one place: a median with its range, and the sign that goes with it."""

    median: float
    low: float
    high: float
    sign: str = ""


def ticks(low, high):
    """1, 2 and 5 of each decade between, the ends included."""
    found = []
    for exponent in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        found += [digit * 10.0**exponent for digit in (1, 2, 5)]
    return [tick for tick in found if low * 0.999 <= tick <= high * 1.001]


def sparse(some):
    """Where there are too many to be read beside each other, the first of each decade alone."""
    if len(some) <= TICKS_MAX:
        return some
    return [tick for tick in some if math.isclose(math.log10(tick), round(math.log10(tick)))]


def around(values):
    """The ticks that lie nearest outside these values."""
    low, high = min(values), max(values)
    every = ticks(low / 10, high * 10)
    return (max(tick for tick in every if tick <= low * 1.001),
            min(tick for tick in every if tick >= high * 0.999))


def nice_top(value):
    """A number above it that five even steps reach."""
    if value <= 0:
        return 1.0
    step = 10 ** math.floor(math.log10(value / 5))
    for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10):
        if factor * step * 5 >= value:
            return factor * step * 5
    return value


def label(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:g}"


class Canvas:
    """A picture that is as high as its plot and the words around it need."""

    def __init__(self, words, plot):
        self.bottom = TOP + plot  # of the plot
        below = [line for text in words.below for line in textwrap.wrap(text, SMALL_MAX)]
        height = self.bottom + AXIS + LINE * len(below) + EDGE
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title description">',
            f'<title id="title">{escape(words.title)}</title>',
            f'<desc id="description">{escape(words.description)}</desc>',
            f"<style>{STYLE}</style>", '<rect width="100%" height="100%" class="paper"/>']
        self.text(20, 28, words.title, "head")
        self.text(20, 49, words.under, "small")
        for place, line in enumerate(below):
            self.text(20, self.bottom + AXIS + LINE * (place + 0.5), line, "small")

    def add(self, part):
        self.parts.append(part)

    def text(self, x, y, words, kind="", anchor="start", more=""):
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"{more}>'
                 f"{escape(words)}</text>")

    def path(self, x1, y1, x2, y2, kind):
        self.add(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" class="{kind}"/>')

    def mark(self, x, y, shape, kind):
        """A circle for the first of a group, a hollow square for the second, a hollow triangle
        for the third."""
        if shape == 0:
            self.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="{kind}"/>')
            return
        way = "M-4.5 -4.5H4.5V4.5H-4.5Z" if shape == 1 else "M0 -5.5L5.5 4.5H-5.5Z"
        self.add(f'<path d="{way}" stroke-width="2" '
                 f'transform="translate({x:.1f} {y:.1f})" class="{kind} hollow"/>')

    def done(self):
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def lines(words, x_axis, y_axis, series):
    """`series`: (name, group, [(x, Value)]), both axes logarithmic. Of one group are those of one
    colour, at most three of them; there are at most three groups, the second one dashed and the
    third one dotted."""
    canvas = Canvas(words, PLOT)
    points = [point for _, _, some in series for point in some]
    x_low, x_high = around([x for x, _ in points])
    y_low, y_high = around([edge for _, value in points for edge in (value.low, value.high)
                            if edge > 0])
    right = WIDTH - RIGHT - 190

    def across(x):
        share = math.log(x / x_low) / math.log(x_high / x_low) if x_high > x_low else 0.5
        return LEFT + share * (right - LEFT)

    def up(y):
        share = math.log(max(y, y_low) / y_low) / math.log(y_high / y_low)
        return canvas.bottom - share * PLOT

    for tick in sparse(ticks(y_low, y_high)):
        canvas.path(LEFT, up(tick), right, up(tick), "grid")
        canvas.text(LEFT - 8, up(tick) + 4, label(tick), "small", "end")
    for tick in sparse(ticks(x_low, x_high)):
        canvas.path(across(tick), canvas.bottom, across(tick), canvas.bottom + 5, "axis")
        canvas.text(across(tick), canvas.bottom + 20, label(tick), "small", "middle")
    frame(canvas, right, x_axis, y_axis)
    groups = list(dict.fromkeys(group for _, group, _ in series))
    within = dict.fromkeys(groups, 0)
    for number, (name, group, some) in enumerate(series):
        shape = within[group]
        within[group] += 1
        kind = f"s{groups.index(group)}"
        line = f"{kind} line" + ("", " dashed", " dotted")[groups.index(group)]
        way = "L".join(f"{across(x):.1f} {up(value.median):.1f}" for x, value in some)
        canvas.add(f'<path d="M{way}" class="{line}" style="fill:none"/>')
        for x, value in some:
            canvas.path(across(x), up(value.low), across(x), up(value.high), kind)
            canvas.mark(across(x), up(value.median), shape, kind)
            sign(canvas, across(x), up(value.median), groups.index(group), value.sign)
        y = TOP + 8 + 24 * number
        canvas.path(right + 34, y, right + 66, y, line)
        canvas.mark(right + 50, y, shape, kind)
        canvas.text(right + 74, y + 4, name, "small")
    return canvas.done()


def sign(canvas, x, y, group, text):
    """To the upper left of the first group's marks and to the lower right of the second's: two
    lines may touch, and their signs stay apart."""
    if text:
        canvas.text(x + (9 if group else -9), y + (15 if group else -6), text, "",
                    "start" if group else "end")


def frame(canvas, right, x_axis, y_axis):
    canvas.path(LEFT, TOP, LEFT, canvas.bottom, "axis")
    canvas.path(LEFT, canvas.bottom, right, canvas.bottom, "axis")
    canvas.text((LEFT + right) / 2, canvas.bottom + 44, x_axis, "", "middle")
    middle = (TOP + canvas.bottom) / 2
    canvas.text(26, middle, y_axis, "", "middle", f' transform="rotate(-90 26 {middle:.1f})"')


def bars(words, x_axis, groups):
    """`groups`: (name, [(what, Value or None)]): a bar lying for each, with its range, and its
    number beside it; at most two in a group."""
    kinds = [what for what, _ in groups[0][1]]
    each = BAR * len(kinds) + BETWEEN
    canvas = Canvas(words, 28 + each * len(groups))
    left, right = 240, WIDTH - RIGHT - 90
    top = nice_top(max(value.high for _, some in groups for _, value in some if value))

    def across(value):
        return left + (right - left) * min(value / top, 1)

    for step in range(6):
        x = across(top * step / 5)
        canvas.path(x, TOP + 20, x, canvas.bottom, "grid")
        canvas.text(x, canvas.bottom + 18, label(round(top * step / 5, 6)), "small", "middle")
    canvas.path(left, TOP + 20, left, canvas.bottom, "axis")
    canvas.text((left + right) / 2, canvas.bottom + 42, x_axis, "", "middle")
    for number, (name, some) in enumerate(groups):
        y = TOP + 28 + each * number
        canvas.text(left - 10, y + BAR * len(kinds) / 2 + 4, name, "", "end")
        for kind, (_, value) in enumerate(some):
            bar(canvas, left, across, y + BAR * kind, value, kind)
    for kind, what in enumerate(kinds if len(kinds) > 1 else []):
        x = left + kind * (right - left) / len(kinds)
        canvas.add(f'<rect x="{x:.1f}" y="{TOP - 3}" width="12" height="12" class="s{kind}"/>')
        canvas.text(x + 19, TOP + 8, what, "small")
    return canvas.done()


def bar(canvas, left, across, y, value, kind):
    if value is None:
        canvas.text(left + 6, y + BAR - 3, "not measured", "small")
        return
    canvas.add(f'<rect x="{left}" y="{y:.1f}" width="{across(value.median) - left:.1f}" '
               f'height="{BAR - 2}" class="s{kind}"/>')
    middle = y + (BAR - 2) / 2
    for kind in ("round", "range"):
        canvas.path(across(value.low), middle, across(value.high), middle, kind)
    told = f"{number(value.median)} {value.sign}".strip()
    canvas.text(across(value.high) + 6, middle + 4.5, told, "small")
