"""Small drawings as inline SVG, which open without a network and print."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM = 420, 260, 48, 34
COLOURS = ("#0969da", "#8c959f", "#1a7f37", "#9a3412")
GRIDS = 4
Point = Sequence[float]


def line(
    series: Sequence[Sequence[Point]],
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    names: Sequence[str],
    marks: Sequence[str] | None = None,
) -> str:
    """Lines through points; `names` are those of the axes, `marks` stand below instead of numbers."""
    parts = [_grid(x, y, marks)]
    for i, points in enumerate(series):
        path = " ".join(f"{_at(p[0], x, LEFT, WIDTH - 12):.1f},{_at(p[1], y, HEIGHT - BOTTOM, 12):.1f}" for p in points)
        parts.append(f'<polyline fill="none" stroke="{COLOURS[i % 4]}" stroke-width="2" points="{path}"/>')
    parts.append(_text((LEFT + WIDTH) / 2, HEIGHT - 2, names[0]))
    parts.append(_text(4, 10, names[1], anchor="start"))
    label = escape(f"{names[1]} by {names[0]}")
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {HEIGHT}" width="100%">{"".join(parts)}</svg>'


def bars(rows: Sequence[tuple[str, float]], *, marks: Sequence[float] = ()) -> str:
    """Lying bars with their names and values; `marks` are limits. Names must be escaped already."""
    top = max([value for _, value in rows] + list(marks) + [1e-9])
    height, left = 18 * len(rows) + 8, 190
    parts = []
    for i, (name, value) in enumerate(rows):
        width, at = (WIDTH + 120 - left) * value / top, 18 * i + 4
        parts.append(f'<rect x="{left}" y="{at}" width="{width:.1f}" height="12" fill="{COLOURS[0]}"/>')
        parts.append(_text(left - 6, at + 10, name, anchor="end", escaped=True))
        parts.append(_text(left + width + 4, at + 10, f"{value:.3f}", anchor="start"))
    for mark in marks:
        at_x = left + (WIDTH + 120 - left) * mark / top
        parts.append(
            f'<line x1="{at_x:.1f}" x2="{at_x:.1f}" y1="0" y2="{height}" stroke="{COLOURS[3]}" stroke-dasharray="3 3"/>'
        )
    return f'<svg role="img" aria-label="bars" viewBox="0 0 {WIDTH + 180} {height}" width="100%">{"".join(parts)}</svg>'


def _grid(x: tuple[float, float], y: tuple[float, float], marks: Sequence[str] | None) -> str:
    parts = []
    for i in range(GRIDS + 1):
        value = y[0] + (y[1] - y[0]) * i / GRIDS
        at = _at(value, y, HEIGHT - BOTTOM, 12)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 12}" y1="{at:.1f}" y2="{at:.1f}" stroke="#d0d7de"/>')
        parts.append(_text(LEFT - 4, at + 4, f"{value:.3g}", anchor="end"))
    shown = marks or [f"{x[0] + (x[1] - x[0]) * i / GRIDS:.3g}" for i in range(GRIDS + 1)]
    for i, word in enumerate(shown):
        at = LEFT + (WIDTH - 12 - LEFT) * i / max(len(shown) - 1, 1)
        parts.append(_text(at, HEIGHT - BOTTOM + 14, word))
    return "".join(parts)


def _at(value: float, span: tuple[float, float], low: float, high: float) -> float:
    share = (value - span[0]) / (span[1] - span[0]) if span[1] > span[0] else 0.0
    return low + (high - low) * share


def _text(x: float, y: float, words: str, *, anchor: str = "middle", escaped: bool = False) -> str:
    told = words if escaped else escape(words)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="10" text-anchor="{anchor}" fill="currentColor">{told}</text>'
