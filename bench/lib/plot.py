"""Small SVG figures, readable on light and dark pages."""
from xml.sax.saxutils import escape

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .note { fill: #656d76; font-size: 11px }
.ours { fill: #0969da } .peer { fill: #afb8c1 } .bar { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 3 2 }
.axis { stroke: #d0d7de } .line { fill: none; stroke-width: 2 }
.c0 { stroke: #0969da; fill: #0969da } .c1 { stroke: #8250df; fill: #8250df } .c2 { stroke: #bf8700; fill: #bf8700 }
.c3 { stroke: #1a7f37; fill: #1a7f37 } polyline.line { fill: none } text.c0, text.c1, text.c2, text.c3 { stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #8d96a0 } .ours { fill: #4493f8 } .peer { fill: #57606a }
  .bar { stroke: #f85149 } .axis { stroke: #3d444d }
  .c0 { stroke: #4493f8; fill: #4493f8 } .c1 { stroke: #ab7df8; fill: #ab7df8 }
  .c2 { stroke: #d29922; fill: #d29922 } .c3 { stroke: #3fb950; fill: #3fb950 }
}
"""
PANEL_WIDTH, NAME_WIDTH, VALUE_WIDTH, LINE, GAP = 430, 165, 70, 22, 34
CHART_WIDTH, CHART_HEIGHT, MARGIN = 520, 300, 50


def svg(width, height, parts, label):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            f' role="img" aria-label="{escape(label)}">\n<style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n")


def text(x, y, words, kind="", anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def panels(items, label):
    """Bar charts in two columns. An item is (title, note, [(name, value, its text, is ours)], limit): a dashed line at
    the limit, if any."""
    heights = [max(len(bars) for _, _, bars, _ in items[n:n + 2]) * LINE + GAP + 24 for n in range(0, len(items), 2)]
    parts, y = [], 0
    for n, item in enumerate(items):
        parts += panel(10 + n % 2 * (PANEL_WIDTH + 20), y, *item)
        y += heights[n // 2] if n % 2 or n == len(items) - 1 else 0
    return svg(2 * PANEL_WIDTH + 40, sum(heights), parts, label)


def panel(x, y, title, note, bars, limit):
    room = PANEL_WIDTH - NAME_WIDTH - VALUE_WIDTH
    most = max([value for _, value, _, _ in bars] + [limit or 0]) or 1
    yield text(x, y + 18, title, "title")
    yield text(x, y + 33, note, "note")
    top = y + GAP + 6
    for n, (name, value, words, is_ours) in enumerate(bars):
        at, width = top + n * LINE, max(1, room * value / most)
        yield text(x + NAME_WIDTH - 8, at + 14, name, anchor="end")
        yield (f'<rect x="{x + NAME_WIDTH}" y="{at + 2}" width="{width:.1f}" height="{LINE - 6}" rx="2" '
               f'class="{"ours" if is_ours else "peer"}"/>')
        yield text(x + NAME_WIDTH + width + 6, at + 14, words)
    if limit:
        line = x + NAME_WIDTH + room * limit / most
        yield (f'<line x1="{line:.1f}" y1="{top - 2}" x2="{line:.1f}" y2="{top + len(bars) * LINE - 2}" '
               'class="bar"/>')


def curves(title, series, x_label, y_label):
    """Lines over a logarithmic x axis. `series` is {name: [(x, y)]}."""
    xs = sorted({x for points in series.values() for x, _ in points})
    most = max(y for points in series.values() for _, y in points) * 1.1
    right, bottom = CHART_WIDTH - 110, CHART_HEIGHT - MARGIN

    def place(x, y):
        steps = max(1, len(xs) - 1)
        return MARGIN + (right - MARGIN) * xs.index(x) / steps, bottom - (bottom - 40) * y / most

    parts = [text(MARGIN, 20, title, "title"), text(MARGIN, 34, y_label, "note"),
             text((MARGIN + right) / 2, CHART_HEIGHT - 10, x_label, "note", "middle")]
    for share in (0, 0.25, 0.5, 0.75, 1):
        _, y = place(xs[0], most / 1.1 * share)
        parts += [f'<line x1="{MARGIN}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" class="axis"/>',
                  text(MARGIN - 6, y + 4, f"{most / 1.1 * share:.1f}", "note", "end")]
    parts += [text(place(x, 0)[0], bottom + 18, f"{x:g}", "note", "middle") for x in xs]
    for n, (name, points) in enumerate(series.items()):
        dots = [place(x, y) for x, y in sorted(points)]
        parts.append(f'<polyline class="line c{n % 4}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in dots)}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="c{n % 4}"/>' for x, y in dots]
        parts.append(text(right + 8, 50 + 20 * n, name, f"c{n % 4}"))
    return svg(CHART_WIDTH, CHART_HEIGHT, parts, title)
