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

CELL, LEFT, TOP = 22, 130, 40
_NAMES = dict(zip(CLASSES, ("working days", "school break", "Saturdays", "Sundays", "public holidays"), strict=True))


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


def picture(profile: dict[str, Any]) -> str:
    """An SVG: a row for each kind of day, a column for each hour, darker where the customer is busier."""
    hours = profile.get("hours", {})
    height = TOP + CELL * (len(hours) + 1) + 20
    width = LEFT + 24 * CELL + 20
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12" role="img">',
        f"<title>When {escape(str(profile['customer']))} is active</title>",
        f'<text x="10" y="20" font-size="14">{escape(str(profile["customer"]))}: '
        f"{profile['events']:,} events, {profile.get('first', '')} to {profile.get('last', '')}</text>",
    ]
    for row, (name, counts) in enumerate(hours.items()):
        y, most = TOP + CELL * row, max(max(counts), 1)
        out.append(f'<text x="10" y="{y + 15}">{_NAMES[name]}</text>')
        for hour, count in enumerate(counts):
            shade = 0.06 + 0.94 * count / most if count else 0.03
            out.append(
                f'<rect x="{LEFT + CELL * hour}" y="{y}" width="{CELL - 2}" height="{CELL - 2}" fill="#1b6ca8" '
                f'fill-opacity="{shade:.2f}"><title>{_NAMES[name]}, {hour:02}:00: {count}</title></rect>'
            )
    y = TOP + CELL * len(hours) + 14
    out += [f'<text x="{LEFT + CELL * h}" y="{y}">{h:02}</text>' for h in range(0, 24, 3)]
    return "\n".join([*out, "</svg>"]) + "\n"
