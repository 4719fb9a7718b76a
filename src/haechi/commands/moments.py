"""Moments as a person writes them on the command line."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import typer


def moment_us(text: str, timezone: str) -> int:
    """Microseconds since 1970 of an ISO 8601 time; a naive one is meant in the zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time: write 2018-07-25 or 2018-07-25T00:00:00+09:00") from error
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))
    return round(zoned.timestamp() * 1_000_000)
