"""Looks at a finished town: its report, how far it is from the supervisor's figures, and how hard it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from haechi.commands.screen import Bars, bars, console, say, say_json

if TYPE_CHECKING:
    from haechi.town import Parameters
    from haechi.town.calibration import Calibration, Figure

VERDICTS = {"fits": "fits", "unsure": "unsure: too few victims to tell", "off": "OFF", "missing": "missing"}


def look(town: Path, *, report: bool, gate: bool, seed: int | None, json: bool) -> dict[str, Any]:
    """Report and gate as asked for, told to a person unless `json`; the figures of both come back."""
    found: dict[str, Any] = {}
    if report:
        found |= _report(town, seed, json=json)
    if gate:
        found["gate"] = _gate(town, seed, json=json)
    return found


def compare(chosen: Parameters, seeds: Iterable[int], *, json: bool) -> None:
    """Draw the voice phishing of some towns and nothing else, all counted together, beside the supervisor's figures."""
    import polars as pl

    from haechi.town import Town
    from haechi.town.calibration import FORMS, calibrate
    from haechi.town.truth import campaigns_of

    parts = []
    with bars("towns") as shown:
        for seed in (seeds := list(seeds)):
            town = Town(chosen, seed)
            parts += [campaigns_of(town, day, FORMS) for day in range(chosen.days)]
            shown.advance("towns", total=len(seeds))
    found = calibrate(pl.concat(parts))
    if json:
        say_json({"victims": found.victims, "calibration": {figure.name: _values(figure) for figure in found.figures}})
    else:
        _show(found)
    if found.off:
        raise typer.Exit(1)


def fails(found: dict[str, Any]) -> bool:
    """Whether the gate was asked for and does not hold."""
    return "gate" in found and not found["gate"]["holds"]


def _report(town: Path, seed: int | None, *, json: bool) -> dict[str, Any]:
    from haechi.town.report import write_report

    with bars("events") as shown:
        path, calibration = write_report(town, seed=seed, on_events=lambda n: shown.advance("reading the town", n))
    if not json:
        say(f"{path}  the town in pictures and stories; open it in a browser")
        _show(calibration)
    return {"report_path": str(path), "calibration": {figure.name: _values(figure) for figure in calibration.figures}}


def _gate(town: Path, seed: int | None, *, json: bool) -> dict[str, Any]:
    from haechi.commands.gating import figures, gate, show
    from haechi.town.report.folder import TownFolder

    with bars() as shown:
        found = gate(TownFolder.open(town), seed=seed or 0, shown=shown if not json else Bars(None))
    if not json:
        show(found)
    return figures(found)


def _show(calibration: Calibration) -> None:
    from rich.table import Table

    table = Table(title=f"calibration: {calibration.victims:,} victims of voice phishing", title_justify="left")
    for name in ("figure", "supervisor", "town", "error", "deviation", ""):
        table.add_column(name, justify="left" if name in ("figure", "") else "right")
    for figure in calibration.figures:
        deviation = "" if figure.deviation is None else f"{figure.deviation:+.1%}"
        table.add_row(figure.en, _told(figure, figure.wanted), _told(figure, figure.found),
                      _told(figure, figure.error), deviation, VERDICTS[figure.verdict])  # fmt: skip
    console().print(table)


def _told(figure: Figure, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f} won" if figure.unit == "won" else f"{value:.1%}"


def _values(figure: Figure) -> dict[str, Any]:
    return {
        "wanted": figure.wanted,
        "found": figure.found,
        "error": figure.error,
        "deviation": figure.deviation,
        "verdict": figure.verdict,
    }
