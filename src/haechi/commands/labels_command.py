"""`haechi labels`: how long it takes until a fraud is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from haechi.commands.screen import bars, console, note, say, say_json

epilog = "Example: haechi labels --home home"
DAY_S = 86_400.0


def command(
    home: Annotated[Path, typer.Option(help="The home whose labels they are", exists=True, file_okay=False)],
    until: Annotated[
        str | None, typer.Option(help="As it was known at this moment (ISO 8601)  [default: the newest event]")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="All figures as JSON")] = False,
) -> None:
    """Show the delay of labels by source and typology, and the share of frauds known after so many days."""
    with bars("events") as shown:
        told = delays_of(home, until, shown.advance)
    if json:
        say_json(told)
        return
    if not told["whole"]:
        note("note: a server works on this home; these are the labels of its archive, without the journal")
    show(told)


def delays_of(home: Path, until: str | None, progress: Any) -> dict[str, Any]:
    """Delays by source and typology, and the maturity curve, of a home's frauds: told and imported ones."""
    from tempfile import TemporaryDirectory

    import polars as pl

    from haechi.commands.history import copy_history
    from haechi.commands.moments import moment_us
    from haechi.events import Schema
    from haechi.learning.labels import LABELS, delays, revised
    from haechi.learning.maturity import estimate
    from haechi.stores import Home

    until_us = None if until is None else moment_us(until, Schema.read(Home(home).schema).timezone)
    with TemporaryDirectory(prefix="haechi-labels-") as folder:
        history = copy_history(
            home, Path(folder), lambda rows: progress("copying the history", rows), until_us=until_us, whole=True
        )
        frauds = pl.concat([_frauds(frame) for frame in history]) if history.parts else pl.DataFrame(schema=LABELS)
    end = history.last_us if until_us is None else until_us
    known = frauds.filter(pl.col("known_us") <= end)
    time, when = known["event_us"].to_numpy(), known["known_us"].to_numpy()
    return {
        "whole": history.whole,
        "frauds": known.height,
        "revised": revised(history.labels),
        "delays": [one._asdict() for one in delays(known)],
        "maturity": estimate(when - time, end - time).document(),
    }


def _frauds(frame: Any) -> Any:
    """Frauds of a frame in the shape of labels."""
    import polars as pl

    return frame.filter(pl.col("label") == 1).select(
        "id", pl.lit(1, pl.Int8).alias("fraud"), pl.max_horizontal("known_at_us", "time_us").alias("known_us"),
        pl.max_horizontal("known_at_us", "time_us").alias("told_us"), pl.col("time_us").alias("event_us"),
        pl.col("said:kind").fill_null("import").alias("kind"), pl.col("said:who").fill_null("").alias("who"),
        pl.col("said:typology").fill_null("").alias("typology"),
    )  # fmt: skip


def show(told: dict[str, Any]) -> None:
    """Delays as a table, then the curve in words."""
    from rich.table import Table

    table = Table(title=f"{told['frauds']:,} frauds; {told['revised']:,} events were revised", title_justify="left")
    for name in ("source", "typology", "frauds", "median", "90 %"):
        table.add_column(name, justify="left" if name in ("source", "typology") else "right")
    for one in told["delays"]:
        days = [f"{one[name] / DAY_S:.2f} d" for name in ("median_s", "p90_s")]
        table.add_row(one["kind"], one["typology"] or "unnamed", f"{one['labels']:,}", *days)
    console().print(table)
    mature = told["maturity"]
    if mature["frauds"]:
        shares = ", ".join(f"{share:.0%} after {day} d" for day, share in mature["known_after_days"].items())
        say(f"of the frauds that become known: {shares}")
    if not mature["enough"]:
        say(f"{mature['frauds']} frauds are few: take the curve as a guess")
