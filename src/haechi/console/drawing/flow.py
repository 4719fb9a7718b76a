"""Where money went: accounts in columns from left to right, bands as wide as the amounts between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from haechi.console.drawing.svg import box, drawing, el, path, text

__all__ = ["ACCOUNTS_MAX", "Transfer", "flow"]

ACCOUNTS_MAX = 60
COLUMNS_MAX = 6
BAR, GAP, TOP = 12.0, 26.0, 12.0
NAME_CHARS_MAX = 20


@dataclass(frozen=True)
class Transfer:
    """Money from one account to another; `said` is the amount in words, `bad` marks money known to be stolen."""

    source: str
    target: str
    amount: float
    said: str
    bad: bool = False


def flow(
    transfers: Sequence[Transfer], *, label: str, hrefs: dict[str, str] | None = None, width: float = 640,
    height: float = 300,
) -> Markup:  # fmt: skip
    """A flow from sources to where the money is now; transfers back to an earlier column are drawn as thin lines."""
    column = _columns(transfers)
    if len(column) > ACCOUNTS_MAX:
        raise ValueError(f"a flow shows {ACCOUNTS_MAX} accounts, not {len(column)}: leave small ones out")
    amounts = _amounts(transfers, column)
    columns: dict[int, list[str]] = {}
    for name in sorted(column, key=lambda n: (column[n], -amounts[n], n)):
        columns.setdefault(column[name], []).append(name)
    scale = min((height - 2 * TOP - GAP * len(names)) / max(sum(amounts[n] for n in names), 1e-9)
                for names in columns.values())  # fmt: skip
    step = (width - 120 - BAR) / max(len(columns) - 1, 1)
    places: dict[str, tuple[float, float]] = {}
    for at, names in columns.items():
        y = TOP
        for name in names:
            places[name] = (at * step, y)
            y += amounts[name] * scale + GAP
    parts = [*_bands(transfers, column, places, scale), *_accounts(places, amounts, scale, hrefs or {})]
    return drawing(label, width, height, *parts, kind="flow")


def _columns(transfers: Sequence[Transfer]) -> dict[str, int]:
    """The column of each account: one behind the farthest that pays it; circles end where they began."""
    sources = {t.source for t in transfers} - {t.target for t in transfers}
    first = sorted(sources) or sorted({t.source for t in transfers})[:1]
    column = dict.fromkeys(first, 0)
    rim = list(first)
    while rim:
        following = [t.target for t in transfers if t.source in rim and t.target not in column]
        for name in following:
            column[name] = min(max(column[t.source] + 1 for t in transfers if t.target == name and t.source in rim),
                               COLUMNS_MAX - 1)  # fmt: skip
        rim = sorted(set(following))
    for one in transfers:
        column.setdefault(one.source, 0)
        column.setdefault(one.target, min(column[one.source] + 1, COLUMNS_MAX - 1))
    return column


def _amounts(transfers: Sequence[Transfer], column: dict[str, int]) -> dict[str, float]:
    """How high an account is: the larger of what came in and what went out."""
    came, went = dict.fromkeys(column, 0.0), dict.fromkeys(column, 0.0)
    for one in transfers:
        went[one.source] += one.amount
        came[one.target] += one.amount
    return {name: max(came[name], went[name]) for name in column}


def _bands(
    transfers: Sequence[Transfer], column: dict[str, int], places: dict[str, tuple[float, float]], scale: float
) -> list[Markup]:  # fmt: skip
    left, right = {n: y for n, (_, y) in places.items()}, {n: y for n, (_, y) in places.items()}
    parts = []
    for one in sorted(transfers, key=lambda t: (column[t.source], places[t.source][1], places[t.target][1])):
        wide = max(one.amount * scale, 1.0)
        x1, x2 = places[one.source][0] + BAR, places[one.target][0]
        y1, y2 = left[one.source], right[one.target]
        left[one.source] += wide
        right[one.target] += wide
        told = f"{one.source} → {one.target}: {one.said}"
        if column[one.target] <= column[one.source]:
            bend = f"C{x1 + 50:.1f} {y1 - 20:.1f} {x2 - 50:.1f} {y2 - 20:.1f} {x2:.1f} {y2:.1f}"
            parts.append(path(f"M{x1:.1f} {y1 + wide / 2:.1f}{bend}", "curve back", told))
            continue
        half = (x1 + x2) / 2
        d = (f"M{x1:.1f} {y1:.1f}C{half:.1f} {y1:.1f} {half:.1f} {y2:.1f} {x2:.1f} {y2:.1f}V{y2 + wide:.1f}"
             f"C{half:.1f} {y2 + wide:.1f} {half:.1f} {y1 + wide:.1f} {x1:.1f} {y1 + wide:.1f}Z")  # fmt: skip
        parts.append(path(d, "band-flow bad" if one.bad else "band-flow", told))
        if wide >= 10:
            parts.append(text(half, (y1 + y2 + wide) / 2 + 4, one.said, anchor="middle", kind="small"))
    return parts


def _accounts(
    places: dict[str, tuple[float, float]], amounts: dict[str, float], scale: float, hrefs: dict[str, str]
) -> list[Markup]:  # fmt: skip
    parts = []
    for name, (x, y) in places.items():
        said = name if len(name) <= NAME_CHARS_MAX else name[: NAME_CHARS_MAX - 1] + "…"
        tall = max(amounts[name] * scale, 2.0)
        mark = [box(x, y, BAR, tall, "column c1", name), text(x, y + tall + 13, said, kind="small strong")]
        parts.append(el("a", *mark, href=hrefs[name], aria_label=name) if name in hrefs else el("g", *mark))
    return parts
