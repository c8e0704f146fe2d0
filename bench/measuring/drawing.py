"""Plots as SVG: lines over logarithmic axes, and bars. No I/O. Colours follow the theme of whoever
looks, what differs by colour differs by shape or place too, and each plot has a title and a
description for those who do not see it."""
import math
from html import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 78, 24, 56, 96
STYLE = """
  svg { color-scheme: light dark; background: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .head { font-size: 16px; font-weight: 600; } .small { font-size: 11px; fill: #59636e; }
  .axis { stroke: #59636e; fill: none; } .grid { stroke: #d1d9e0; fill: none; }
  .range { stroke: #1f2328; fill: none; stroke-width: 1.5; }
  .s0 { stroke: #0550ae; fill: #0550ae; } .s1 { stroke: #bc4c00; fill: #bc4c00; }
  .s2 { stroke: #116329; fill: #116329; } .s3 { stroke: #8250df; fill: #8250df; }
  .s4 { stroke: #a40e26; fill: #a40e26; } .s5 { stroke: #6e5200; fill: #6e5200; }
  .line { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 6 4; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    text { fill: #f0f6fc; } .small { fill: #9198a1; }
    .axis { stroke: #9198a1; } .grid { stroke: #3d444d; } .range { stroke: #f0f6fc; }
    .s0 { stroke: #79c0ff; fill: #79c0ff; } .s1 { stroke: #ffa657; fill: #ffa657; }
    .s2 { stroke: #7ee787; fill: #7ee787; } .s3 { stroke: #d2a8ff; fill: #d2a8ff; }
    .s4 { stroke: #ff7b72; fill: #ff7b72; } .s5 { stroke: #e3b341; fill: #e3b341; }
    .line { fill: none; }
  }
"""


def ticks(low, high):
    """1, 2 and 5 of each decade between, the ends included."""
    found = []
    for exponent in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        found += [digit * 10.0**exponent for digit in (1, 2, 5)]
    return [tick for tick in found if low * 0.999 <= tick <= high * 1.001]


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
    def __init__(self, title, description, caption):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="title description">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="description">{escape(description)}</desc>', f"<style>{STYLE}</style>"]
        self.text(LEFT, 26, title, "head")
        for number, line in enumerate(caption):
            self.text(20, HEIGHT - 26 + 16 * number, line, "small")

    def add(self, part):
        self.parts.append(part)

    def text(self, x, y, words, kind="", anchor="start", more=""):
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"{more}>'
                 f"{escape(words)}</text>")

    def path(self, x1, y1, x2, y2, kind):
        self.add(f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" class="{kind}"/>')

    def mark(self, x, y, shape, kind):
        """A circle, a square, a triangle or a diamond."""
        points = {1: "M-4 -4H4V4H-4Z", 2: "M0 -5L5 4H-5Z", 3: "M0 -6L5 0L0 6L-5 0Z"}
        shape %= 4
        if shape == 0:
            self.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="{kind}"/>')
        else:
            self.add(f'<path d="{points[shape]}" transform="translate({x:.1f} {y:.1f})" '
                     f'class="{kind}"/>')

    def done(self):
        return "\n".join([*self.parts, "</svg>"]) + "\n"


def lines(title, description, caption, x_axis, y_axis, series):
    """`series`: (name, group, [(x, {"median", "low", "high"})]), both axes logarithmic. Of one
    group are those of one colour; the second and later of a group have other marks."""
    canvas = Canvas(title, description, caption)
    points = [point for _, _, some in series for point in some]
    x_low, x_high = around([x for x, _ in points])
    y_low, y_high = around([value for _, spread in points
                            for value in (spread["low"], spread["high"]) if value > 0])

    def across(x):
        share = math.log(x / x_low) / math.log(x_high / x_low) if x_high > x_low else 0.5
        return LEFT + share * (WIDTH - RIGHT - 170 - LEFT)

    def up(y):
        share = math.log(max(y, y_low) / y_low) / math.log(y_high / y_low)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    right = WIDTH - RIGHT - 170
    for tick in ticks(y_low, y_high):
        canvas.path(LEFT, up(tick), right, up(tick), "grid")
        canvas.text(LEFT - 8, up(tick) + 4, label(tick), "small", "end")
    for tick in ticks(x_low, x_high):
        canvas.path(across(tick), HEIGHT - BOTTOM, across(tick), HEIGHT - BOTTOM + 5, "axis")
        canvas.text(across(tick), HEIGHT - BOTTOM + 20, label(tick), "small", "middle")
    frame(canvas, right, x_axis, y_axis)
    groups = list(dict.fromkeys(group for _, group, _ in series))
    within = dict.fromkeys(groups, 0)
    for number, (name, group, some) in enumerate(series):
        colour, shape = f"s{groups.index(group) % 6}", within[group]
        within[group] += 1
        dashed = " dashed" if groups.index(group) else ""
        way = "L".join(f"{across(x):.1f} {up(value['median']):.1f}" for x, value in some)
        canvas.add(f'<path d="M{way}" class="{colour} line{dashed}" style="fill:none"/>')
        for x, value in some:
            canvas.path(across(x), up(value["low"]), across(x), up(value["high"]), colour)
            canvas.mark(across(x), up(value["median"]), shape, colour)
        y = TOP + 8 + 22 * number
        canvas.path(right + 14, y, right + 40, y, f"{colour} line{dashed}")
        canvas.mark(right + 27, y, shape, colour)
        canvas.text(right + 48, y + 4, name, "small")
    return canvas.done()


def frame(canvas, right, x_axis, y_axis):
    canvas.path(LEFT, TOP, LEFT, HEIGHT - BOTTOM, "axis")
    canvas.path(LEFT, HEIGHT - BOTTOM, right, HEIGHT - BOTTOM, "axis")
    canvas.text((LEFT + right) / 2, HEIGHT - BOTTOM + 46, x_axis, "", "middle")
    middle = (TOP + HEIGHT - BOTTOM) / 2
    canvas.text(20, middle, y_axis, "", "middle", f' transform="rotate(-90 20 {middle:.1f})"')


def bars(title, description, caption, x_axis, groups):
    """`groups`: (name, [(what, {"median", "low", "high"} or None)]): a bar lying for each, with
    its range, and its number beside it."""
    canvas = Canvas(title, description, caption)
    left, right = 250, WIDTH - RIGHT - 90
    kinds = [what for what, _ in groups[0][1]]
    top = nice_top(max(value["high"] for _, some in groups for _, value in some if value))
    height = (HEIGHT - BOTTOM - TOP - 14) / len(groups)
    thick = min(16, (height - 6) / len(kinds))

    def across(value):
        return left + (right - left) * min(value / top, 1)

    for step in range(6):
        x = across(top * step / 5)
        canvas.path(x, TOP, x, HEIGHT - BOTTOM, "grid")
        canvas.text(x, HEIGHT - BOTTOM + 18, label(round(top * step / 5, 6)), "small", "middle")
    canvas.path(left, TOP, left, HEIGHT - BOTTOM, "axis")
    canvas.text((left + right) / 2, HEIGHT - BOTTOM + 40, x_axis, "", "middle")
    for number, (name, some) in enumerate(groups):
        y = TOP + 8 + height * number + (height - thick * len(kinds)) / 2
        canvas.text(left - 10, y + thick * len(kinds) / 2 + 4, name, "", "end")
        for kind, (_, value) in enumerate(some):
            bar(canvas, left, across, y + thick * kind, thick, value, kind)
    for kind, what in enumerate(kinds if len(kinds) > 1 else []):
        x = left + kind * (right - left) / len(kinds)
        canvas.add(f'<rect x="{x:.1f}" y="{TOP - 20}" width="11" height="11" class="s{kind}"/>')
        canvas.text(x + 17, TOP - 10, what, "small")
    return canvas.done()


def bar(canvas, left, across, y, thick, value, kind):
    if value is None:
        canvas.text(left + 6, y + thick - 3, "not measured", "small")
        return
    canvas.add(f'<rect x="{left}" y="{y:.1f}" width="{across(value["median"]) - left:.1f}" '
               f'height="{thick - 2:.1f}" class="s{kind}"/>')
    middle = y + (thick - 2) / 2
    canvas.path(across(value["low"]), middle, across(value["high"]), middle, "range")
    words = f"{value['median']:.3g}"
    canvas.text(across(value["high"]) + 6, middle + 4, words, "small")
