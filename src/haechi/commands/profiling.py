"""One customer's profile from a home's history, as data and as a picture."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl

from haechi.app import Shut
from haechi.events import Schema
from haechi.features.person import CLASSES, describe
from haechi.restore import frame_of, pieces
from haechi.stores import LABEL, Archive, Journal

__all__ = ["picture", "profile_of", "profile_of_home"]

CELL, LEFT, TOP = 22, 160, 40
_NAMES = {
    "en": dict(zip(CLASSES, ("working days", "school break", "Saturdays", "Sundays", "public holidays"), strict=True)),
    "ko": dict(zip(CLASSES, ("평일", "방학 중 평일", "토요일", "일요일", "공휴일"), strict=True)),
}
_TITLE = {"en": "{name}: {n:,} own events, {first} to {last}", "ko": "{name}: 본인 거래 {n:,}건, {first} ~ {last}"}


def profile_of_home(shut: Shut, customer: str) -> dict[str, Any] | None:
    """The profile of a customer; None when the home has never heard of her."""
    return profile_of(shut.archive, shut.store.journal, shut.schema, shut.spec, customer)


def profile_of(archive: Archive, journal: Journal, schema: Schema, spec: Any, customer: str) -> dict[str, Any] | None:
    """Gather the customer's events from archive and journal, and describe them."""
    column = f"entity:{spec.subject.name}" if spec.subject else ""
    parts = []
    for piece in pieces(archive, journal, 0):
        events = [e for e in piece.entries if e.type != LABEL]
        frame = frame_of(schema, events) if piece.frame is None else piece.frame
        if column in frame.columns:
            mine = frame.filter(pl.col(column) == customer)
            if mine.height:
                parts.append(mine)
    if not parts:
        return None
    return {"customer": customer, **describe(pl.concat(parts, how="diagonal_relaxed"), spec)}


def picture(profile: dict[str, Any], language: str = "en") -> str:
    """An SVG: a row for each kind of day with its events, a column for each hour, darker where she is busier."""
    hours, names = profile.get("hours", {}), _NAMES[language]
    title = escape(
        _TITLE[language].format(
            name=profile["customer"], n=profile.get("own_events", 0), first=profile.get("first", ""),
            last=profile.get("last", ""),
        )
    )  # fmt: skip
    height = TOP + CELL * (len(hours) + 1) + 20
    width = LEFT + 24 * CELL + 20
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{title}</title>",
        f'<text x="10" y="20" font-size="14">{title}</text>',
    ]
    for row, (name, counts) in enumerate(hours.items()):
        y, most = TOP + CELL * row, max(max(counts), 1)
        out.append(f'<text x="10" y="{y + 15}">{names[name]} ({sum(counts):,})</text>')
        for hour, count in enumerate(counts):
            shade = 0.06 + 0.94 * count / most if count else 0.03
            out.append(
                f'<rect x="{LEFT + CELL * hour}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" fill="#1b6ca8" '
                f'fill-opacity="{shade:.2f}"><title>{names[name]}, {hour:02}:00: {count}</title></rect>'
            )
    y = TOP + CELL * len(hours) + 14
    out += [f'<text x="{LEFT + CELL * h}" y="{y}">{h:02}</text>' for h in range(0, 24, 3)]
    return "\n".join([*out, "</svg>"]) + "\n"
