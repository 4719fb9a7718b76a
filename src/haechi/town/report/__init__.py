"""A town as one page to look at: people, hours, money, campaigns, labels, calibration, and fifty stories."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from haechi.town.calibration import Calibration, calibrate
from haechi.town.errors import FolderNotWritable
from haechi.town.report.facts import gather
from haechi.town.report.folder import TownFolder
from haechi.town.report.page import page
from haechi.town.report.stories import draw, tell

__all__ = ["REPORT_NAME", "write_report"]

REPORT_NAME = "report.html"


def write_report(
    town: str | Path, *, seed: int | None = None, on_events: Callable[[int], None] = lambda count: None
) -> tuple[Path, Calibration]:
    """Write report.html into a finished town's folder; `seed` draws the stories, the town's own if left out.

    `on_events` hears how many events were read since it heard the last time.
    """
    folder = TownFolder.open(town)
    drawn = draw(folder, int(folder.info.get("seed", 0)) if seed is None else seed)
    facts, events = gather(folder, drawn["event_id"], on_events)
    stories = tell(folder, drawn, events)
    calibration = calibrate(facts.campaigns)
    path = folder.path / REPORT_NAME
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(page(facts, calibration, stories), "utf-8")
        os.replace(part, path)
    except OSError as error:
        raise FolderNotWritable(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return path, calibration
